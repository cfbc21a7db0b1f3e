//! [k-means](https://en.wikipedia.org/wiki/K-means_clustering) by Lloyd's algorithm.

use serde::{Deserialize, Serialize};
use taskloom::workers::typed_array;

/// A point of the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Point {
    fn square_distance(self, other: Self) -> f64 {
        (self.x - other.x).powi(2) + (self.y - other.y).powi(2)
    }
}

/// Many points, as numbers side by side: so they cross to a worker as one block.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// x and y in turn.
    #[serde(with = "typed_array")]
    coordinates: Vec<f64>,
}

impl Points {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.coordinates.len() / 2
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The point of this number.
    #[must_use]
    pub fn get(&self, index: usize) -> Point {
        Point { x: self.coordinates[2 * index], y: self.coordinates[2 * index + 1] }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Point> {
        self.coordinates.chunks_exact(2).map(|pair| Point { x: pair[0], y: pair[1] })
    }
}

impl FromIterator<Point> for Points {
    fn from_iter<I: IntoIterator<Item = Point>>(points: I) -> Self {
        Self { coordinates: points.into_iter().flat_map(|point| [point.x, point.y]).collect() }
    }
}

/// The clusters that were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clusters {
    /// The mean of each.
    pub centers: Vec<Point>,
    /// For each point the number of its cluster.
    #[serde(with = "typed_array")]
    pub members: Vec<u32>,
}

/// Rounds of Lloyd's algorithm: each assigns every point to the nearest center, then moves the centers to the means of their points.
#[derive(Debug)]
pub struct Rounds<'a> {
    points: &'a Points,
    clusters: Clusters,
}

impl<'a> Rounds<'a> {
    /// Begins with `k` of the points, spread evenly over them; `k` is 1 to the number of points.
    #[must_use]
    pub fn new(points: &'a Points, k: usize) -> Self {
        let centers = (0..k).map(|cluster| points.get(cluster * points.len() / k)).collect();
        Self { points, clusters: Clusters { centers, members: vec![u32::MAX; points.len()] } }
    }

    /// One more round; the part of the points that has changed its cluster.
    #[allow(clippy::cast_precision_loss)] // counts of points
    pub fn round(&mut self) -> f64 {
        let Self { points, clusters: Clusters { centers, members } } = self;
        let mut changed = 0_usize;
        let mut sums = vec![(Point::default(), 0_usize); centers.len()];
        for (point, member) in points.iter().zip(members) {
            let nearest = nearest(point, centers);
            changed += usize::from(*member != nearest);
            *member = nearest;
            let (sum, count) = &mut sums[nearest as usize];
            sum.x += point.x;
            sum.y += point.y;
            *count += 1;
        }
        for (center, (sum, count)) in centers.iter_mut().zip(sums) {
            if count > 0 {
                *center = Point { x: sum.x / count as f64, y: sum.y / count as f64 };
            }
        }
        changed as f64 / points.len() as f64
    }

    /// What the rounds have come to.
    #[must_use]
    pub fn into_clusters(self) -> Clusters {
        self.clusters
    }
}

fn nearest(point: Point, centers: &[Point]) -> u32 {
    let mut best = (f64::INFINITY, 0);
    for (cluster, center) in (0..).zip(centers) {
        let distance = point.square_distance(*center);
        if distance < best.0 {
            best = (distance, cluster);
        }
    }
    best.1
}

/// Points around `k` places, the same for the same seed.
#[must_use]
pub fn scattered(count: usize, k: usize, seed: u64) -> Points {
    // xorshift: good enough for a picture.
    let mut state = seed.max(1);
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        #[allow(clippy::cast_precision_loss)] // 53 bits are left
        let unit = (state >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    };
    let places: Vec<Point> = (0..k).map(|_| Point { x: random(), y: random() }).collect();
    let mut scatter = |place: Point| Point {
        x: place.x + (random() + random() - 1.0) * 0.1,
        y: place.y + (random() + random() - 1.0) * 0.1,
    };
    (0..count).map(|point| scatter(places[point % k])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_lie_apart_are_told_apart() {
        let corner = |x: f64, y: f64| (0..10).map(move |i| Point { x: x + f64::from(i) / 100.0, y });
        let points: Points = corner(0.0, 0.0).chain(corner(5.0, 0.0)).chain(corner(0.0, 5.0)).collect();
        let mut rounds = Rounds::new(&points, 3);
        while rounds.round() > 0.0 {}
        let Clusters { centers, members } = rounds.into_clusters();
        for (point, member) in points.iter().zip(&members) {
            assert!(point.square_distance(centers[*member as usize]) < 0.01);
        }
        assert!((0..3).all(|cluster| members.iter().filter(|member| **member == cluster).count() == 10));
    }

    #[test]
    fn the_same_seed_scatters_the_same_points() {
        assert_eq!(scattered(100, 3, 7), scattered(100, 3, 7));
        assert_ne!(scattered(100, 3, 7), scattered(100, 3, 8));
    }
}
