//! How a call of a job can fail.

use std::{error, fmt};

use super::port::StartError;
use crate::core::pool::Loss;

/// Why a call of a job has no value; it is the `E` of its [`Task`](crate::Task). [`code`](JobError::code) is the contract, and the same
/// as in JavaScript; the text may change.
///
/// ```
/// use taskloom::rt::pool::JobError;
///
/// let error: JobError<String> = JobError::Failed("no such user".into());
/// assert_eq!((error.code(), error.to_string().as_str()), ("failed", "no such user"));
/// assert_eq!(JobError::<String>::WorkerLost.code(), "worker-lost");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobError<E = String> {
    /// `failed`: the job has returned this error.
    Failed(E),
    /// `panic`: it has panicked, which ends its worker. The text is the panic's.
    Panicked(String),
    /// `worker-lost`: its worker ended before it answered. The call may have been started, so it is not made again without a retry policy.
    WorkerLost,
    /// `worker-lost`: workers end again and again without an answer, so that no more are started; see [`WorkerPool::warm`](super::WorkerPool::warm).
    Crashing,
    /// `worker-load-failed`: workers can't be started. The text says what is known of the reason.
    LoadFailed(String),
    /// `worker-version-mismatch`: the worker's files are of another version of taskloom than the page's.
    VersionMismatch(String),
    /// `unknown-job`: the worker has no job of this name; not tried again.
    UnknownJob(String),
    /// `not-serializable`: arguments, or what came back, could not cross the border; not tried again.
    NotSerializable(String),
    /// The job has thrown a JavaScript error.
    Thrown {
        /// Its `code`, or `failed` if it has none.
        code: String,
        /// Its name and message.
        message: String,
    },
}

impl<E> JobError<E> {
    /// The stable code, the same in Rust, JavaScript and Python.
    pub fn code(&self) -> &str {
        match self {
            Self::Failed(_) => "failed",
            Self::Panicked(_) => "panic",
            Self::WorkerLost | Self::Crashing => "worker-lost",
            Self::LoadFailed(_) => "worker-load-failed",
            Self::VersionMismatch(_) => "worker-version-mismatch",
            Self::UnknownJob(_) => "unknown-job",
            Self::NotSerializable(_) => "not-serializable",
            Self::Thrown { code, .. } => code,
        }
    }

    /// Whether another attempt would fare no better, whatever the retry policy.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::UnknownJob(_) | Self::NotSerializable(_))
    }

    pub(super) fn of_loss(loss: Loss, start_error: Option<StartError>) -> Self {
        match (loss, start_error) {
            (Loss::Worker | Loss::Transferred, _) => Self::WorkerLost,
            (Loss::Crashing, _) => Self::Crashing,
            (Loss::Timeout, _) | (Loss::Load | Loss::Version, None) => {
                Self::LoadFailed("the worker did not say within its start_timeout that it is ready".into())
            }
            (_, Some(StartError::Load(reason))) => Self::LoadFailed(reason),
            (_, Some(StartError::Version(version))) => Self::VersionMismatch(format!(
                "the worker speaks protocol {version}, this page {}: one of the two is a stale copy from before an update",
                crate::core::pool::protocol::VERSION,
            )),
        }
    }
}

impl<E: fmt::Display> fmt::Display for JobError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Panicked(message) => write!(f, "the job panicked: {message}"),
            Self::WorkerLost => f.write_str(
                "the worker ended before it answered; the call may have been started, so it is not made again without a retry policy",
            ),
            Self::Crashing => f.write_str(
                "the workers of this pool end again and again without an answer; no more are started until warm() is called",
            ),
            Self::LoadFailed(reason) => write!(f, "the worker could not be started: {reason}"),
            Self::UnknownJob(name) => {
                write!(f, "the worker has no job '{name}'; add it to the jobs that the pool was built with")
            }
            Self::VersionMismatch(reason) | Self::NotSerializable(reason) => f.write_str(reason),
            Self::Thrown { message, .. } => f.write_str(message),
        }
    }
}

/// Also where the job's own error is a text, so that `?` passes it on.
impl<E: fmt::Debug + fmt::Display> error::Error for JobError<E> {}

impl JobError<()> {
    /// An error that is not the job's own, for a job of whatever error.
    pub(super) fn retyped<E>(self) -> JobError<E> {
        match self {
            Self::Failed(()) => unreachable!("only what has come from a job is decoded as its error"),
            Self::Panicked(message) => JobError::Panicked(message),
            Self::WorkerLost => JobError::WorkerLost,
            Self::Crashing => JobError::Crashing,
            Self::LoadFailed(reason) => JobError::LoadFailed(reason),
            Self::VersionMismatch(reason) => JobError::VersionMismatch(reason),
            Self::UnknownJob(name) => JobError::UnknownJob(name),
            Self::NotSerializable(reason) => JobError::NotSerializable(reason),
            Self::Thrown { code, message } => JobError::Thrown { code, message },
        }
    }
}
