//! How a simulated tab locks, as src/js/shared/locks.ts does.

use std::time::Duration;

use super::{
    Born, Bug, End, Happening, Key, Life, Message, Origin, Purpose, Question, Row, Token,
    commits::{Asker, Deed, Op, Outcome},
    tab::Tab,
};
use crate::core::{
    origin::{
        fakes::{Granting, Ticket},
        ports::{Broadcast, Lock, Request},
    },
    shared::{
        lock::{Event, Step, Waiter},
        record::TabId,
    },
};

/// How soon a lock that is free is granted.
const SOON: Duration = Duration::from_millis(20);

const HOUR: Duration = Duration::from_secs(3_600);

/// What runs under a lock.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Writes one more than the value that it was given, some times, and takes its time.
    Count,
    /// Writes what was refused since the lock was held.
    Do(Op),
}

#[derive(Clone, Debug)]
pub struct Held {
    pub token: Token,
    pub born: Born,
    value: u64,
    /// How often it still writes.
    writes: u8,
}

/// One call that wants the lock of a key.
#[derive(Debug)]
pub struct Call {
    id: u32,
    pub key: Key,
    pub waiter: Waiter,
    lease: Duration,
    impatient: bool,
    ticket: Option<Ticket>,
    is_granted: bool,
    seen: Option<(Token, Option<TabId>)>,
    claimed: Option<(Row, Born)>,
    pub running: Option<Held>,
    plan: Plan,
    timer: u32,
}

pub fn presence(tab: TabId) -> String {
    format!("tab:{tab}")
}

impl Tab {
    /// Calls something under the lock of a key.
    pub fn lock(&mut self, key: Key, plan: Plan, impatient: bool, origin: &mut Origin) {
        let id = self.count();
        // So long that nobody may wait for it.
        let is_long = origin.random.u8(0..6) == 0;
        let lease = if is_long { HOUR } else { Duration::from_millis(origin.random.u64(200..1_000)) };
        self.calls.push(Call {
            id,
            key,
            waiter: Waiter::new(self.id, lease, impatient),
            lease,
            impatient,
            ticket: None,
            is_granted: false,
            seen: None,
            claimed: None,
            running: None,
            plan,
            timer: 0,
        });
        self.step(id, Event::Begin, origin);
    }

    fn call(&mut self, id: u32) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// The token under which this tab writes a key, if it holds its lock.
    pub fn token_of(&self, key: Key) -> Option<Token> {
        self.calls
            .iter()
            .filter(|call| call.key == key)
            .find_map(|call| call.running.as_ref())
            .map(|held| held.token)
    }

    pub fn all_calls(&mut self, event: Event, origin: &mut Origin) {
        for id in self.calls.iter().map(|call| call.id).collect::<Vec<_>>() {
            self.step(id, event, origin);
        }
    }

    /// Tells core what has happened, and does what follows.
    pub fn step(&mut self, id: u32, event: Event, origin: &mut Origin) {
        let now = self.clock(origin);
        let Some(call) = self.call(id) else { return };
        if let Event::Record { token, holder, .. } | Event::Refused { token, holder, .. } = event {
            call.seen = Some((token, holder));
        }
        let step = call.waiter.step(event, now);
        let key = call.key;
        origin.trace(|| format!("  call {id} of {key}: {event:?} -> {step:?}"));
        self.carry_out(id, step, origin);
        self.wake(id, origin);
    }

    pub fn wake(&mut self, id: u32, origin: &mut Origin) {
        let Some(call) = self.call(id) else { return };
        call.timer += 1;
        let (timer, wake) = (call.timer, call.waiter.wake());
        if let Some(at) = wake {
            self.at(at, Happening::Tick(id, timer), origin);
        }
    }

    pub fn tick(&mut self, id: u32, timer: u32, origin: &mut Origin) {
        if self.call(id).is_some_and(|call| call.timer == timer) {
            self.step(id, Event::Tick, origin);
        }
    }

    fn carry_out(&mut self, id: u32, step: Step, origin: &mut Origin) {
        match step {
            Step::Wait => {}
            Step::Queue => {
                self.request(id, false, origin);
                if self.call(id).is_some_and(|call| !call.impatient) {
                    origin.plan(SOON, self.id, Happening::Soon(id));
                }
            }
            Step::Look => origin.begin(self.id, Purpose::Row { call: id }),
            Step::Probe => self.probe(id, origin),
            Step::Ask => self.ask(id),
            Step::Claim => {
                let steals = self.bug == Some(Bug::ClaimedAfterStealing);
                let Some(call) = self.call(id) else { return };
                if steals && call.waiter.token().is_some() && !call.is_granted {
                    self.request(id, true, origin);
                }
                self.claim(id);
            }
            Step::Steal => {
                let is_stolen_already = self.bug == Some(Bug::ClaimedAfterStealing);
                if is_stolen_already && self.call(id).is_some_and(|call| call.is_granted) {
                    self.step(id, Event::Granted, origin);
                } else {
                    self.request(id, true, origin);
                }
            }
            Step::Run => self.run(id, origin),
            Step::Lost => {
                self.lose(id, origin);
                self.finish(id, origin);
            }
            Step::Unavailable => self.finish(id, origin),
            Step::Leave => self.let_go(id, origin),
            Step::Release => {
                let Some(call) = self.call(id) else { return };
                let born = call.claimed.as_ref().map(|(_, born)| *born).expect("it has a token");
                if let Some(token) = call.waiter.token() {
                    let key = call.key;
                    self.release(key, token, born);
                }
                self.finish(id, origin);
            }
        }
    }

    /// Nobody loses a lease that is valid.
    fn lose(&mut self, id: u32, origin: &mut Origin) {
        origin.checker.count("lost lease");
        let tab = self.id;
        let Some(call) = self.call(id) else { return };
        let Some(held) = &call.running else { return };
        let is_there = super::head(&origin.store).is_some_and(|head| head.born == held.born);
        if is_there && origin.checker.valid(held.born, call.key) == Some((held.token, tab)) {
            let (key, token) = (call.key, held.token);
            origin
                .checker
                .fail(format!("tab {tab} loses its lease of {key}, and its token {token} is valid"));
        }
    }

    fn release(&mut self, key: Key, token: Token, born: Born) {
        let deed = Deed::Release { token };
        self.queue.push_back(Op { key, deed, token: None, if_version: None, born, asker: Asker::Nobody });
    }

    /// Requests the platform's lock; what an earlier request says is left out.
    fn request(&mut self, id: u32, steal: bool, origin: &mut Origin) {
        let tab = self.id;
        let Some(call) = self.call(id) else { return };
        call.is_granted = false;
        let how = match (steal, call.impatient) {
            (true, _) => Request::Steal,
            (_, true) => Request::IfAvailable,
            _ => Request::Queue,
        };
        if steal {
            origin.checker.count("stolen");
        }
        let ticket = origin.locks.of(tab).request(call.key, how);
        if let Some(before) = call.ticket.replace(ticket) {
            origin.locks.of(tab).release(before);
        }
        origin.tell_of_locks();
    }

    fn let_go(&mut self, id: u32, origin: &mut Origin) {
        let tab = self.id;
        let Some(call) = self.call(id) else { return };
        call.is_granted = false;
        if let Some(ticket) = call.ticket.take() {
            origin.locks.of(tab).release(ticket);
            origin.tell_of_locks();
        }
    }

    pub fn granting(&mut self, ticket: Ticket, granting: Granting, origin: &mut Origin) {
        let Some(call) = self.calls.iter_mut().find(|call| call.ticket == Some(ticket)) else { return };
        let id = call.id;
        match granting {
            Granting::Granted => {
                call.is_granted = true;
                self.step(id, Event::Granted, origin);
            }
            Granting::Taken => self.step(id, Event::Taken, origin),
            Granting::Stolen => {
                (call.ticket, call.is_granted) = (None, false);
                self.step(id, Event::Stolen, origin);
            }
        }
    }

    pub fn soon(&mut self, id: u32, origin: &mut Origin) {
        if self.call(id).is_some_and(|call| !call.is_granted) {
            origin.begin(self.id, Purpose::Row { call: id });
        }
    }

    /// A record was read.
    pub fn row_read(&mut self, id: u32, end: &End, origin: &mut Origin) {
        let known = self.born;
        let Some(call) = self.call(id) else { return };
        let End::Read { head, rows } = end else { return self.fail(id, origin) };
        let head = head.unwrap_or_default();
        if head.born != known {
            return self.found_other(origin);
        }
        let row = rows.iter().find(|(key, _)| *key == call.key);
        let row = row.map_or_else(|| Row::missing(&head), |(_, row)| row.clone());
        let lease = call.lease_of(&row);
        self.step(id, Event::Record { token: row.record.token, holder: row.record.holder, lease }, origin);
    }

    /// Finds out whether the holder's presence lock is taken.
    fn probe(&mut self, id: u32, origin: &mut Origin) {
        let tab = self.id;
        let Some((token, Some(holder))) = self.call(id).and_then(|call| call.seen) else { return };
        let ticket = origin.locks.of(tab).request(&presence(holder), Request::IfAvailable);
        let probes = origin.locks.take_outcomes();
        let (granted, others): (Vec<_>, _) = probes.into_iter().partition(|(_, of, _)| *of == ticket);
        assert!(others.is_empty(), "each was told");
        origin.locks.of(tab).release(ticket);
        let alive = granted.iter().all(|(.., granting)| *granting == Granting::Taken);
        origin.plan_soon(2_000, tab, Happening::Probed { call: id, token, alive });
    }

    pub fn probed(&mut self, id: u32, token: Token, alive: bool, origin: &mut Origin) {
        if self.call(id).is_some_and(|call| call.seen.is_some_and(|(seen, _)| seen == token)) {
            self.step(id, Event::Probed { alive }, origin);
        }
    }

    fn ask(&mut self, id: u32) {
        let Some(call) = self.call(id) else { return };
        let holder = call.seen.and_then(|(_, holder)| holder);
        let Some(token) = call.waiter.token() else { return };
        let (key, born) = (call.key, self.born);
        self.asked.push(Question { asks: true, born, key, token, holder, holds: false });
    }

    /// What was asked or answered in this turn: all others hear it, and this tab too.
    pub fn ask_all(&mut self, origin: &mut Origin) {
        while let Some(question) = self.asked.pop() {
            if self.life == Life::Live {
                self.outbox.post(Message::Question(question));
            }
            self.question(question, origin);
        }
    }

    pub fn question(&mut self, question: Question, origin: &mut Origin) {
        let Question { asks, key, token, holder, holds, .. } = question;
        let ids: Vec<_> = self.calls.iter().filter(|call| call.key == key).map(|call| call.id).collect();
        if !asks {
            for id in ids {
                self.step(id, Event::Answer { token, holds }, origin);
            }
            return;
        }
        let holds = self.calls.iter().any(|call| call.key == key && call.waiter.answers(token));
        if holds || holder == Some(self.id) {
            self.asked.push(Question { asks: false, holds, ..question });
        }
    }

    /// Whether a claim is still to be made.
    pub fn claims(&self, asker: Asker) -> bool {
        self.calls.iter().any(|call| Asker::Claim(call.id) == asker && call.waiter.claims())
    }

    fn claim(&mut self, id: u32) {
        let born = self.born;
        let Some(call) = self.call(id) else { return };
        let deed = Deed::Claim { over: call.waiter.token(), lease: call.lease };
        let op = Op { key: call.key, deed, token: None, if_version: None, born, asker: Asker::Claim(id) };
        self.queue.push_back(op);
    }

    pub fn has_claimed(&mut self, id: u32, op: &Op, outcome: Outcome, origin: &mut Origin) {
        let Outcome::Claimed { token, row, born } = outcome else { return self.fail(id, origin) };
        // Of another incarnation, or of before core was told to begin anew.
        let is_other = born != self.born || op.born != self.born;
        let is_over = self.call(id).is_none();
        if let Some(token) = token
            && (is_other || is_over)
        {
            self.release(op.key, token, born);
        }
        if is_other {
            return self.found_other(origin);
        }
        let Some(call) = self.call(id) else { return };
        let lease = call.lease_of(&row);
        let (newest, holder) = (row.record.token, row.record.holder);
        match token {
            None => self.step(id, Event::Refused { token: newest, holder, lease }, origin),
            Some(token) => {
                call.claimed = Some((row, born));
                self.step(id, Event::Claimed(token), origin);
            }
        }
    }

    // ---- what runs ---------------------------------------------------------------------------------------------------

    fn run(&mut self, id: u32, origin: &mut Origin) {
        let writes = origin.random.u8(0..3);
        let Some(call) = self.call(id) else { return };
        let Some((row, born)) = call.claimed.clone() else { return };
        let Some(token) = call.waiter.token() else { return };
        let key = call.key;
        self.begins_in_time(key, token, born, origin);
        let Some(call) = self.call(id) else { return };
        call.running = Some(Held { token, born, value: row.value.unwrap_or_default(), writes });
        let plan = call.plan.clone();
        origin.checker.count("run");
        match plan {
            // The version that it replaces was of another incarnation: a conflict.
            Plan::Do(op) if op.if_version.is_some() && op.born != born => self.act_later(id, origin),
            Plan::Do(op) => {
                self.queue.push_back(Op { key, token: Some(token), born, asker: Asker::Call(id), ..op });
            }
            Plan::Count => self.act_later(id, origin),
        }
    }

    /// A tab that lives begins under a token that is valid: nobody has taken it before it knew that it had it.
    fn begins_in_time(&self, key: Key, token: Token, born: Born, origin: &mut Origin) {
        let is_there = super::head(&origin.store).is_some_and(|head| head.born == born);
        let lives = origin.now - self.disturbed >= super::ANSWERED;
        if is_there && lives && origin.checker.valid(born, key) != Some((token, self.id)) {
            origin
                .checker
                .fail(format!("tab {} begins under token {token} of {key}, which is over", self.id));
        }
    }

    fn act_later(&mut self, id: u32, origin: &mut Origin) {
        let long = if origin.random.u8(0..5) == 0 { 1_500_000 } else { 60_000 };
        origin.plan_soon(long, self.id, Happening::Act(id));
    }

    /// What runs goes on: it writes, or ends.
    pub fn act(&mut self, id: u32, origin: &mut Origin) {
        let Some(call) = self.call(id) else { return };
        let Some(held) = &mut call.running else { return };
        if held.writes == 0 || matches!(call.plan, Plan::Do(_)) {
            return self.has_run(id, origin);
        }
        held.writes -= 1;
        let deed = Deed::Set { value: held.value + 1, counts: true };
        let (token, born, key) = (held.token, held.born, call.key);
        self.queue.push_back(Op {
            key,
            deed,
            token: Some(token),
            if_version: None,
            born,
            asker: Asker::Call(id),
        });
    }

    pub fn has_written(&mut self, id: u32, outcome: &Outcome, origin: &mut Origin) {
        let Some(call) = self.call(id) else { return };
        let Some(held) = &mut call.running else { return };
        match (&call.plan, outcome) {
            (Plan::Count, Outcome::Done) => {
                held.value += 1;
                self.act_later(id, origin);
            }
            _ => self.has_run(id, origin),
        }
    }

    fn has_run(&mut self, id: u32, origin: &mut Origin) {
        if let Some(call) = self.call(id) {
            call.running = None;
        }
        self.step(id, Event::Finished, origin);
        self.finish(id, origin);
    }

    /// The caller no longer wants to wait.
    pub fn abort(&mut self, id: u32, origin: &mut Origin) {
        if self.call(id).is_some_and(|call| call.running.is_none()) {
            self.step(id, Event::Aborted, origin);
            self.finish(id, origin);
        }
    }

    /// The storage is blocked.
    fn fail(&mut self, id: u32, origin: &mut Origin) {
        origin.checker.count("failed");
        self.finish(id, origin);
    }

    fn finish(&mut self, id: u32, origin: &mut Origin) {
        self.let_go(id, origin);
        self.calls.retain(|call| call.id != id);
    }
}

impl Call {
    pub fn id(&self) -> u32 {
        self.id
    }

    fn lease_of(&self, row: &Row) -> Duration {
        if row.lease.is_zero() { self.lease } else { row.lease }
    }
}
