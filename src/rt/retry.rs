//! A retry policy with the caller's own rules.

use std::{fmt, rc::Rc, time::Duration};

use crate::core::{
    base::error::Error,
    tasks::retry::{RetryPolicy, Verdict},
};

/// When a failed attempt is made again: core's [`RetryPolicy`], and what the function's error itself says.
///
/// An attempt that runs into `attempt_timeout` has no error that the rules could judge; it is made again as the policy
/// says. Clones share the rules.
///
/// ```
/// use std::time::Duration;
/// use taskloom::{RetryPolicy, rt::Retry};
///
/// enum Http { Status(u16), TooMany { retry_after: u64 } }
///
/// let retry = Retry::new(RetryPolicy { max_attempts: 5, base_delay: Duration::from_millis(200), ..Default::default() })?
///     .retry_if(|error: &Http| !matches!(error, Http::Status(400..500)))
///     .delay_from(|error| match error {
///         Http::TooMany { retry_after } => Some(Duration::from_secs(*retry_after)),
///         Http::Status(_) => None,
///     });
/// assert_eq!(retry.policy().max_attempts, 5);
/// # Ok::<(), taskloom::Error>(())
/// ```
pub struct Retry<E> {
    policy: RetryPolicy,
    is_worth_it: Option<Rule<E, bool>>,
    asked_delay: Option<Rule<E, Option<Duration>>>,
}

/// What the caller says of an error.
type Rule<E, R> = Rc<dyn Fn(&E) -> R>;

impl<E> Retry<E> {
    /// By this policy, whatever the error. A field out of range is `invalid-argument` that names it.
    pub fn new(policy: RetryPolicy) -> Result<Self, Error> {
        Ok(Self { policy: policy.validated()?, is_worth_it: None, asked_delay: None })
    }

    /// Gives up at once if this says false of an error.
    #[must_use]
    pub fn retry_if(mut self, rule: impl Fn(&E) -> bool + 'static) -> Self {
        self.is_worth_it = Some(Rc::new(rule));
        self
    }

    /// Waits as long as the error asks for, such as by a `Retry-After`; `max_delay` does not cap it, `max_elapsed` does.
    #[must_use]
    pub fn delay_from(mut self, rule: impl Fn(&E) -> Option<Duration> + 'static) -> Self {
        self.asked_delay = Some(Rc::new(rule));
        self
    }

    /// The numbers.
    pub fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    pub(super) fn verdict(&self, error: &E) -> Verdict {
        if self.is_worth_it.as_ref().is_some_and(|is_worth_it| !is_worth_it(error)) {
            return Verdict::GiveUp;
        }
        self.asked_delay.as_ref().and_then(|delay| delay(error)).map_or(Verdict::Retry, Verdict::RetryAfter)
    }
}

impl<E> Default for Retry<E> {
    /// By the default policy: three attempts at once after one another.
    fn default() -> Self {
        Self { policy: RetryPolicy::default(), is_worth_it: None, asked_delay: None }
    }
}

impl<E> Clone for Retry<E> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            is_worth_it: self.is_worth_it.clone(),
            asked_delay: self.asked_delay.clone(),
        }
    }
}

impl<E> fmt::Debug for Retry<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("policy", &self.policy)
            .field("retry_if", &self.is_worth_it.is_some())
            .field("delay_from", &self.asked_delay.is_some())
            .finish()
    }
}
