//! How a tab gets the lock of a key, keeps it, and finds out that it has lost it.
//!
//! The platform's lock (a Web Lock) is only the queue. Who is granted it claims a token, by a transaction on the record; the token decides. A holder may be gone or may
//! stand still: one whose presence lock is free is gone, and its token is claimed over at once. One that stands still keeps the platform's lock; so each waiter
//! watches the token, by its own clock. If it has not changed for a lease, the waiter asks whoever has to do with it; if nobody answers and the record is still the same, it claims a new token over the old one, and only who
//! has got one steals the platform's lock. Two waiters can't steal from each other: one of them has no token.
//!
//! Who has the platform's lock and finds a holder in the record that does not answer tries its presence lock again and again: that holder may be closing.
//!
//! Without a queue (NATS) a waiter counts as granted from the start, and hears of the record whenever it changes.

use core::time::Duration;

use super::record::{TabId, Token};
use crate::core::base::clock::Instant;

/// How long the answer to a question may take at most; half a lease if that is less.
pub const ANSWERS: Duration = Duration::from_millis(500);

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It wants the lock.
    Begin,
    /// The platform's lock is granted. What a request says that another one has taken the place of is left out.
    Granted,
    /// The platform's lock is taken, and was asked for only if it is not.
    Taken,
    /// The record was read, after [`Step::Look`] or [`Step::Queue`], or has changed. One of another incarnation is left out: [`Event::Reset`] comes.
    Record {
        /// The newest token.
        token: Token,
        /// Who holds it.
        holder: Option<TabId>,
        /// How long the holder may be silent.
        lease: Duration,
    },
    /// A [claim](Step::Claim) has failed, or was not made: the record is this.
    Refused {
        /// The newest token.
        token: Token,
        /// Who holds it.
        holder: Option<TabId>,
        /// How long the holder may be silent.
        lease: Duration,
    },
    /// The presence lock of the holder was tried.
    Probed {
        /// It was taken.
        alive: bool,
    },
    /// Somebody has answered a question about this token.
    Answer {
        /// The token.
        token: Token,
        /// Whether it is still in use.
        holds: bool,
    },
    /// The claim is done: the token is this one.
    Claimed(Token),
    /// The time that [`Waiter::wake`] has told has come.
    Tick,
    /// The platform's lock, or the request for it, was stolen.
    Stolen,
    /// The page goes away, and may come back.
    Gone,
    /// It is back.
    Back,
    /// The store has begun anew.
    Reset,
    /// What ran under the lock has ended.
    Finished,
    /// The caller no longer wants the lock. What runs already goes on.
    Aborted,
}

/// What the host does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing, but wake the waiter [in time](Waiter::wake).
    Wait,
    /// Requests the platform's lock, and reads the record.
    Queue,
    /// Reads the record.
    Look,
    /// Finds out whether the holder's presence lock is taken.
    Probe,
    /// Asks all tabs, its own too, whether the [token](Waiter::token) is in use.
    Ask,
    /// Claims the lock in a transaction, if the waiter [still claims](Waiter::claims): over its [token](Waiter::token), or, without one, if it is free.
    Claim,
    /// Requests the platform's lock by stealing it.
    Steal,
    /// Runs what is to run under the lock, with the [token](Waiter::token).
    Run,
    /// Tells what runs that its lease is lost.
    Lost,
    /// The lock is held, and was asked for only if it is not: `lock-unavailable`.
    Unavailable,
    /// Lets the platform's lock go, or the request for it.
    Leave,
    /// Gives the token back by the record, and lets the platform's lock go, which need not wait for the record.
    Release,
}

/// How far a waiter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is asked for.
    Idle,
    /// The record is being read for the first time.
    Looking,
    /// The token is watched since then, until it is time to look at it.
    Watching { token: Token, since: Instant, until: Instant },
    /// It was for a lease; the record is being read again.
    Verifying { token: Token, since: Instant },
    /// The presence of the holder is being tried.
    Probing { token: Token, since: Instant },
    /// Everybody was asked.
    Asking { token: Token, since: Instant, until: Instant, again: bool },
    /// Nobody has answered; the record is being read once more. Answers that have come while this tab stood still wait behind the tick: they are heard meanwhile.
    Deciding { token: Token },
    /// The transaction of the claim is under way. `answered`: since then the holder has said that it is there.
    Claiming { over: Option<Token>, answered: bool },
    /// It has a token; the platform's lock is being stolen.
    Stealing { token: Token },
    /// It runs.
    Running { token: Token },
    /// It runs; the record is being read, as it may have lost the token.
    Checking { token: Token },
    /// The page is away.
    Away { token: Option<Token>, runs: bool },
    /// It is over. The token is to be given back, or is lost.
    Ended { token: Option<Token> },
}

/// One call that wants the lock of a key.
#[derive(Debug)]
pub struct Waiter {
    tab: TabId,
    state: State,
    /// It has the platform's lock.
    has_lock: bool,
    /// It has it, or has requested it.
    in_queue: bool,
    /// It does not wait for a holder.
    impatient: bool,
    /// How long a token may be silent: as its record says, or as the waiter's own would.
    lease: Duration,
}

impl Waiter {
    /// One of this tab that has not begun. `lease` is the one that its own record would tell; `impatient`: it does not wait while somebody else has the lock.
    pub fn new(tab: TabId, lease: Duration, impatient: bool) -> Self {
        Self { tab, state: State::Idle, has_lock: false, in_queue: false, impatient, lease }
    }

    /// The token that the last step is about: that it has, asks about, or [claims](Step::Claim) the lock over. None for a claim of a lock that has to be free.
    pub fn token(&self) -> Option<Token> {
        match self.state {
            State::Stealing { token }
            | State::Running { token }
            | State::Checking { token }
            | State::Asking { token, .. }
            | State::Deciding { token }
            | State::Probing { token, .. }
            | State::Verifying { token, .. }
            | State::Watching { token, .. }
            | State::Ended { token: Some(token) } => Some(token),
            State::Away { token, .. } | State::Claiming { over: token, .. } => token,
            State::Idle | State::Looking | State::Ended { token: None } => None,
        }
    }

    /// When it wants a [tick](Event::Tick).
    pub fn wake(&self) -> Option<Instant> {
        match self.state {
            State::Watching { until, .. } | State::Asking { until, .. } => Some(until),
            _ => None,
        }
    }

    /// How long an answer may take.
    fn patience(&self) -> Duration {
        ANSWERS.min(self.lease / 2)
    }

    /// Whether this tab says that a token is in use: it has it, or is about to. Its claim may be stored before it hears so.
    pub fn answers(&self, token: Token) -> bool {
        match self.state {
            State::Stealing { token: own }
            | State::Running { token: own }
            | State::Checking { token: own } => own == token,
            State::Claiming { .. } => true,
            State::Looking => self.has_lock,
            _ => false,
        }
    }

    /// Whether a claim is still to be made that is under way, which the host asks in its transaction: this tab may have stood still meanwhile, and the holder may have
    /// answered.
    pub fn claims(&self) -> bool {
        matches!(self.state, State::Claiming { answered: false, .. })
    }

    /// What follows when something has happened.
    pub fn step(&mut self, event: Event, now: Instant) -> Step {
        match event {
            Event::Begin => self.queue(),
            Event::Granted => self.granted(),
            Event::Taken => self.unavailable(),
            Event::Record { token, holder, lease } | Event::Refused { token, holder, lease } => {
                if let State::Claiming { .. } = self.state {
                    if let Event::Record { .. } = event {
                        return Step::Wait; // read before the claim, of which word comes
                    }
                    self.state = State::Looking;
                }
                self.lease = lease;
                self.record(token, holder, now)
            }
            Event::Probed { alive } => self.probed(alive, now),
            Event::Answer { token, holds } => self.answer(token, holds, now),
            Event::Claimed(token) => self.claimed(token),
            Event::Tick => self.tick(now),
            Event::Stolen => self.stolen(),
            Event::Gone => self.gone(),
            Event::Back => self.back(),
            Event::Reset => self.reset(),
            Event::Finished | Event::Aborted => self.ended(event == Event::Finished),
        }
    }

    fn queue(&mut self) -> Step {
        self.state = State::Looking;
        self.in_queue = true;
        Step::Queue
    }

    fn look(&mut self) -> Step {
        self.state = State::Looking;
        Step::Look
    }

    fn claim(&mut self, over: Option<Token>) -> Step {
        self.state = State::Claiming { over, answered: false };
        Step::Claim
    }

    fn run(&mut self, token: Token) -> Step {
        self.state = State::Running { token };
        Step::Run
    }

    fn watch(&mut self, token: Token, since: Instant, now: Instant) -> Step {
        if self.impatient && self.has_lock {
            return self.unavailable();
        }
        // A holder that is not in the line wakes nobody when it is closed.
        let until = if self.has_lock { now + self.patience() } else { since + self.lease };
        self.state = State::Watching { token, since, until };
        Step::Wait
    }

    fn probe(&mut self, token: Token, since: Instant) -> Step {
        self.state = State::Probing { token, since };
        Step::Probe
    }

    fn unavailable(&mut self) -> Step {
        self.state = State::Ended { token: None };
        Step::Unavailable
    }

    fn granted(&mut self) -> Step {
        (self.has_lock, self.in_queue) = (true, true);
        match self.state {
            State::Stealing { token } => self.run(token),
            // The claim reads the record itself.
            State::Looking
            | State::Watching { .. }
            | State::Verifying { .. }
            | State::Probing { .. }
            | State::Asking { .. }
            | State::Deciding { .. } => self.claim(None),
            State::Claiming { .. } | State::Running { .. } | State::Checking { .. } => Step::Wait,
            State::Idle | State::Away { .. } | State::Ended { .. } => {
                (self.has_lock, self.in_queue) = (false, false);
                Step::Leave
            }
        }
    }

    fn record(&mut self, token: Token, holder: Option<TabId>, now: Instant) -> Step {
        let is_own = holder == Some(self.tab);
        match self.state {
            // It was read before the claim was stored: tokens rise.
            State::Running { token: own }
            | State::Checking { token: own }
            | State::Stealing { token: own }
                if token < own =>
            {
                Step::Wait
            }
            State::Running { token: own } | State::Checking { token: own } => {
                if own == token && is_own {
                    self.state = State::Running { token };
                    return Step::Wait;
                }
                self.state = State::Ended { token: Some(own) };
                Step::Lost
            }
            State::Stealing { token: own } => {
                if own == token && is_own {
                    self.run(token)
                } else {
                    self.requeue()
                }
            }
            State::Idle | State::Away { .. } | State::Ended { .. } => Step::Wait,
            _ if !self.in_queue => self.queue(),
            _ if self.has_lock && holder.is_none() => self.claim(None),
            State::Looking if self.has_lock => self.probe(token, now),
            State::Verifying { token: seen, since } if seen == token => self.ask(token, since, now, false),
            State::Deciding { token: seen } if seen == token => self.claim(Some(token)),
            State::Watching { token: seen, .. }
            | State::Probing { token: seen, .. }
            | State::Asking { token: seen, .. }
                if seen == token =>
            {
                Step::Wait
            }
            _ => self.watch(token, now, now),
        }
    }

    /// Back to the queue, or to the record if it still is in the queue.
    fn requeue(&mut self) -> Step {
        if self.in_queue { self.look() } else { self.queue() }
    }

    fn ask(&mut self, token: Token, since: Instant, now: Instant, again: bool) -> Step {
        self.state = State::Asking { token, since, until: now + self.patience(), again };
        Step::Ask
    }

    fn probed(&mut self, alive: bool, now: Instant) -> Step {
        match self.state {
            State::Probing { token, since } if alive => self.ask(token, since, now, false),
            State::Probing { token, .. } => self.claim(Some(token)),
            _ => Step::Wait,
        }
    }

    fn answer(&mut self, token: Token, holds: bool, now: Instant) -> Step {
        match self.state {
            State::Watching { token: seen, .. }
            | State::Verifying { token: seen, .. }
            | State::Asking { token: seen, .. }
            | State::Deciding { token: seen }
                if seen == token && holds =>
            {
                self.watch(token, now, now)
            }
            State::Claiming { over, .. } if over == Some(token) && holds => {
                self.state = State::Claiming { over, answered: true };
                Step::Wait
            }
            // It was given back, and not by the record. Without the platform's lock it waits on: who has that may stand still.
            State::Asking { token: seen, .. } | State::Deciding { token: seen }
                if seen == token && self.has_lock =>
            {
                self.claim(Some(token))
            }
            _ => Step::Wait,
        }
    }

    fn claimed(&mut self, token: Token) -> Step {
        match self.state {
            State::Claiming { .. } if self.has_lock => self.run(token),
            State::Claiming { .. } => {
                self.state = State::Stealing { token };
                self.in_queue = true;
                Step::Steal
            }
            State::Away { runs: false, .. } => {
                self.state = State::Away { token: Some(token), runs: false };
                Step::Wait
            }
            State::Ended { .. } => {
                self.state = State::Ended { token: Some(token) };
                (self.has_lock, self.in_queue) = (false, false);
                Step::Release
            }
            // It was away when the claim was done.
            State::Running { .. } | State::Checking { .. } | State::Away { .. } => Step::Wait,
            _ => {
                self.state = State::Stealing { token };
                Step::Look
            }
        }
    }

    fn tick(&mut self, now: Instant) -> Step {
        match self.state {
            State::Watching { token, since, until } if now >= until => {
                if self.has_lock {
                    return self.probe(token, since);
                }
                self.state = State::Verifying { token, since };
                Step::Look
            }
            State::Asking { token, since, until, again } if now >= until => {
                if now < since + self.lease {
                    // It was asked early. It stands still, or it was closed after it was probed.
                    let probes = self.has_lock && !self.impatient;
                    return if probes { self.probe(token, since) } else { self.watch(token, since, now) };
                }
                // So late only if this tab stood still itself, and answers may wait behind this tick. Timers that are always late must not keep it from going on.
                if now >= until + self.patience() && !again {
                    return self.ask(token, since, now, true);
                }
                self.state = State::Deciding { token };
                Step::Look
            }
            _ => Step::Wait,
        }
    }

    fn stolen(&mut self) -> Step {
        (self.has_lock, self.in_queue) = (false, false);
        match self.state {
            State::Running { token } => {
                self.state = State::Checking { token };
                Step::Look
            }
            State::Stealing { .. } => Step::Look,
            State::Looking
            | State::Watching { .. }
            | State::Verifying { .. }
            | State::Probing { .. }
            | State::Asking { .. }
            | State::Deciding { .. } => self.queue(),
            // What the record says comes, or it does not matter.
            _ => Step::Wait,
        }
    }

    fn gone(&mut self) -> Step {
        (self.has_lock, self.in_queue) = (false, false);
        self.state = match self.state {
            State::Running { token } | State::Checking { token } => {
                State::Away { token: Some(token), runs: true }
            }
            State::Stealing { token } => State::Away { token: Some(token), runs: false },
            State::Idle | State::Ended { .. } | State::Away { .. } => return Step::Wait,
            _ => State::Away { token: None, runs: false },
        };
        Step::Leave
    }

    fn back(&mut self) -> Step {
        let State::Away { token, runs } = self.state else { return Step::Wait };
        match token {
            Some(token) if runs => self.state = State::Checking { token },
            Some(token) => self.state = State::Stealing { token },
            None => return self.queue(),
        }
        Step::Look
    }

    fn reset(&mut self) -> Step {
        match self.state {
            State::Running { .. } | State::Checking { .. } | State::Away { runs: true, .. } => {
                self.state = State::Ended { token: self.token() };
                Step::Lost
            }
            State::Away { .. } => {
                self.state = State::Away { token: None, runs: false };
                Step::Wait
            }
            State::Idle | State::Ended { .. } => Step::Wait,
            _ => self.requeue(),
        }
    }

    fn ended(&mut self, finished: bool) -> Step {
        let (token, runs) = match self.state {
            State::Running { token }
            | State::Checking { token }
            | State::Away { token: Some(token), runs: true } => (Some(token), true),
            State::Stealing { token } | State::Away { token: Some(token), .. } => (Some(token), false),
            State::Ended { .. } => return Step::Wait,
            _ => (None, false),
        };
        if runs != finished {
            return Step::Wait; // what runs goes on, and what does not has not ended
        }
        self.state = State::Ended { token };
        (self.has_lock, self.in_queue) = (false, false);
        if token.is_some() { Step::Release } else { Step::Leave }
    }
}
