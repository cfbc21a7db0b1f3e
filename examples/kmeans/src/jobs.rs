//! What the workers do, by name.

use std::fmt;

use serde::{Deserialize, Serialize};
use taskloom::workers::{Job, JobContext};

use crate::clusters::{Clusters, Points, Rounds};

/// Clusters the points into so many groups; reports after each round which part of the points has changed its group.
pub const KMEANS: Job<(Points, usize), Clusters, f64, KmeansError> = Job::new("kmeans");
/// The same for ever, until it is cancelled, giving its event loop its turns.
pub const KMEANS_FOREVER: Job<(Points, usize), Clusters, f64, KmeansError> = Job::new("kmeans-forever");

/// Why there are no clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum KmeansError {
    /// There are fewer points than groups, or no groups.
    TooFewPoints {
        /// So many points.
        points: usize,
        /// So many groups.
        groups: usize,
    },
    /// It was not wanted any more.
    Cancelled,
}

impl fmt::Display for KmeansError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewPoints { points, groups } => write!(f, "{points} points can't make {groups} groups"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for KmeansError {}

/// See [`KMEANS`]. It runs in a worker, or as a task of the page.
pub fn kmeans(ctx: &JobContext<f64>, (points, groups): (Points, usize)) -> Result<Clusters, KmeansError> {
    let mut rounds = begin(&points, groups)?;
    loop {
        let changed = rounds.round();
        ctx.progress(changed);
        if changed == 0.0 {
            return Ok(rounds.into_clusters());
        }
        if ctx.is_cancelled() {
            return Err(KmeansError::Cancelled);
        }
    }
}

/// See [`KMEANS_FOREVER`].
pub async fn kmeans_forever(
    ctx: JobContext<f64>,
    (points, groups): (Points, usize),
) -> Result<Clusters, KmeansError> {
    let mut rounds = begin(&points, groups)?;
    loop {
        ctx.progress(rounds.round());
        ctx.checkpoint().await;
    }
}

fn begin(points: &Points, groups: usize) -> Result<Rounds<'_>, KmeansError> {
    if groups == 0 || groups > points.len() {
        return Err(KmeansError::TooFewPoints { points: points.len(), groups });
    }
    Ok(Rounds::new(points, groups))
}

/// Which function does which job.
#[cfg(target_arch = "wasm32")]
pub fn jobs(jobs: &mut taskloom::workers::Jobs) {
    jobs.add_with_context(KMEANS, kmeans).add_async(KMEANS_FOREVER, kmeans_forever);
    #[cfg(feature = "trials")]
    crate::trials::jobs(jobs);
}

#[cfg(test)]
mod tests {
    use taskloom::{Task, TaskError, rt::ManualRuntime};

    use super::*;
    use crate::clusters::scattered;

    #[test]
    fn a_job_runs_as_a_task_of_the_page_too() {
        ManualRuntime::default().run(async {
            let points = scattered(500, 4, 1);
            let mut task =
                Task::builder().progress().spawn_fallible(async move |ctx| kmeans(&ctx.into(), (points, 4)));
            let clusters = (&mut task).await.unwrap();
            assert_eq!((clusters.centers.len(), clusters.members.len()), (4, 500));
            assert_eq!(task.latest_progress(), Some(0.0));
        });
    }

    #[test]
    fn more_groups_than_points_are_an_error() {
        ManualRuntime::default().run(async {
            let task = Task::builder()
                .progress()
                .spawn_fallible(async |ctx| kmeans(&ctx.into(), (Points::default(), 2)));
            let error = KmeansError::TooFewPoints { points: 0, groups: 2 };
            assert_eq!(task.await, Err(TaskError::Failed(error)));
        });
    }
}
