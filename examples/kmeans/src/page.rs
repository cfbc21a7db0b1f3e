//! The page: a picture of the clusters, and buttons to compute them and to change one's mind.

use std::{cell::RefCell, f64::consts::TAU};

use futures::StreamExt;
use taskloom::{
    Task, spawn,
    workers::{JobError, WorkerPool},
};
use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, Document, HtmlButtonElement, HtmlCanvasElement, HtmlProgressElement,
};

use crate::{
    clusters::{Clusters, Points, scattered},
    jobs::{KMEANS, KmeansError, jobs},
};

const SIDE: u32 = 480;
const POINTS: usize = 40_000;
const GROUPS: usize = 12;

type Clustering = Task<Clusters, f64, JobError<KmeansError>>;

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// What stays as long as the page does. In a worker none of it could be made: there is no document.
struct Page {
    pool: WorkerPool,
    canvas: CanvasRenderingContext2d,
    progress: HtmlProgressElement,
    output: web_sys::Element,
    /// Follows the clustering that runs; to drop it is to cancel that.
    running: Option<Task<()>>,
    clicks: u64,
    _handlers: [Closure<dyn Fn()>; 2],
}

/// Mounts the app into the document, as the start function of any frontend does.
#[wasm_bindgen(start)]
pub fn start() -> Result<(), JsValue> {
    #[cfg(feature = "trials")]
    crate::trials::note_start();
    let document =
        web_sys::window().and_then(|window| window.document()).ok_or("there is no document here")?;
    let canvas: HtmlCanvasElement = add(&document, "canvas")?;
    canvas.set_width(SIDE);
    canvas.set_height(SIDE);
    let canvas: CanvasRenderingContext2d =
        canvas.get_context("2d")?.ok_or("this browser has no canvas")?.unchecked_into();
    let handlers = [Closure::new(cluster), Closure::new(cancel)];
    for (text, handler) in ["Cluster", "Cancel"].into_iter().zip(&handlers) {
        let button: HtmlButtonElement = add(&document, "button")?;
        button.set_text_content(Some(text));
        button.add_event_listener_with_callback("click", handler.as_ref().unchecked_ref())?;
    }
    let page = Page {
        pool: WorkerPool::new(jobs).map_err(|error| error.to_string())?,
        canvas,
        progress: add(&document, "progress")?,
        output: add(&document, "output")?,
        running: None,
        clicks: 0,
        _handlers: handlers,
    };
    PAGE.set(Some(page));
    Ok(())
}

fn add<T: JsCast>(document: &Document, name: &str) -> Result<T, JsValue> {
    let element = document.create_element(name)?;
    document.body().ok_or("the document has no body")?.append_child(&element)?;
    Ok(element.unchecked_into())
}

fn with_page<R>(call: impl FnOnce(&mut Page) -> R) -> Option<R> {
    PAGE.with_borrow_mut(|page| page.as_mut().map(call))
}

/// Clusters new points in a worker; the page stays responsive.
fn cluster() {
    let started = with_page(|page| {
        page.clicks += 1;
        page.output.set_text_content(Some("…"));
        let points = scattered(POINTS, GROUPS, page.clicks);
        (page.pool.run(KMEANS, (points.clone(), GROUPS)), points)
    });
    let Some((task, points)) = started else { return };
    let follower = spawn(async move |_| follow(task, &points).await);
    let replaced = with_page(|page| page.running.replace(follower));
    drop(replaced); // which is cancelled
}

fn cancel() {
    let running = with_page(|page| {
        page.output.set_text_content(Some("cancelled"));
        page.running.take()
    });
    drop(running);
}

async fn follow(mut task: Clustering, points: &Points) {
    let mut rounds = task.progress_stream();
    let mut count = 0;
    while let Some(changed) = rounds.next().await {
        count += 1;
        with_page(|page| page.progress.set_value(1.0 - changed));
    }
    let text = match (&mut task).await {
        Ok(clusters) => {
            with_page(|page| draw(&page.canvas, points, &clusters));
            format!("{} clusters after {count} rounds", clusters.centers.len())
        }
        Err(error) => error.to_string(),
    };
    with_page(|page| page.output.set_text_content(Some(&text)));
}

fn draw(canvas: &CanvasRenderingContext2d, points: &Points, clusters: &Clusters) {
    let side = f64::from(SIDE);
    canvas.clear_rect(0.0, 0.0, side, side);
    let hue = |cluster: u32| format!("hsl({} 70% 45%)", cluster as usize * 360 / clusters.centers.len());
    for (point, cluster) in points.iter().zip(&clusters.members) {
        canvas.set_fill_style_str(&hue(*cluster));
        canvas.fill_rect(point.x * side, point.y * side, 1.0, 1.0);
    }
    for (cluster, center) in (0..).zip(&clusters.centers) {
        canvas.begin_path();
        canvas.set_fill_style_str(&hue(cluster));
        // Only a negative radius is an error.
        let _ = canvas.arc(center.x * side, center.y * side, 6.0, 0.0, TAU);
        canvas.fill();
    }
}
