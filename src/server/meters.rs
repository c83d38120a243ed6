//! What the program tells of itself, for Prometheus. No label holds anything a reader sent.

use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters of one server.
pub(super) struct Meters {
    recorder: PrometheusRecorder,
    requests: AtomicU64,
}

/// Bounds of the latencies, in seconds: a warm page is aimed at 10 ms, a conditional request at 1 ms, a first page at 300 ms.
const SECONDS: [f64; 14] = [
    0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0,
];
/// Requests after which single latencies are added up into their bounds, also where nobody asks for them.
const ADDED_UP_EVERY: u64 = 4096;

const REQUESTS: &str = "dabiao_http_requests_total";
const LATENCY: &str = "dabiao_http_request_seconds";
const RENDERS: &str = "dabiao_render_seconds";
const KEPT: &str = "dabiao_kept_answers_asked_total";
const LOADS: &str = "dabiao_loads_total";

impl Default for Meters {
    fn default() -> Self {
        let seconds = [LATENCY, RENDERS].map(|name| Matcher::Full(name.to_owned()));
        let builder = seconds
            .into_iter()
            .fold(PrometheusBuilder::new(), |builder, name| {
                builder
                    .set_buckets_for_metric(name, &SECONDS)
                    .expect("there are bounds")
            });
        let meters = Self {
            recorder: builder.build_recorder(),
            requests: AtomicU64::new(0),
        };
        meters.describe();
        meters
    }
}

/// What became of a load.
pub(super) struct Loaded<'a> {
    /// `published`, `unchanged` or `failed`.
    pub(super) outcome: &'a str,
    /// When it ended, in seconds of the epoch.
    pub(super) ended: i64,
    pub(super) took: Duration,
    /// Rows received and rejected.
    pub(super) rows: [u64; 2],
}

/// What is told of the newest snapshot.
pub(super) struct Told {
    /// Seconds since it was published.
    pub(super) age: i64,
    pub(super) records: u64,
    pub(super) missing_returns: usize,
}

impl Meters {
    #[rustfmt::skip]
    fn describe(&self) {
        with_local_recorder(&self.recorder, || {
            metrics::describe_counter!(REQUESTS, "Requests by route, method and class of status");
            metrics::describe_histogram!(LATENCY, "Seconds from the head of a request to its answer");
            metrics::describe_histogram!(RENDERS, "Seconds an answer was rendered");
            metrics::describe_counter!(KEPT, "Answers asked for, by whether they were kept");
            metrics::describe_gauge!("dabiao_kept_answers", "Answers kept");
            metrics::describe_gauge!("dabiao_kept_bytes", "Bytes of answers kept");
            metrics::describe_gauge!("dabiao_waiting_renders", "Answers that wait to be rendered");
            metrics::describe_gauge!("dabiao_snapshot_age_seconds", "Seconds since the newest snapshot was published");
            metrics::describe_gauge!("dabiao_snapshot_records", "Current records in the newest snapshot");
            metrics::describe_gauge!("dabiao_returns_missing", "Expected returns that are missing in the newest snapshot");
            metrics::describe_counter!(LOADS, "Loads of this server by what became of them");
            metrics::describe_gauge!("dabiao_last_load_success", "1 where the last load of this server did not fail");
            metrics::describe_gauge!("dabiao_last_load_timestamp_seconds", "When the last load of this server ended");
            metrics::describe_gauge!("dabiao_last_load_seconds", "How long the last load of this server took");
            metrics::describe_gauge!("dabiao_last_load_rows_received", "Rows the last load of this server received");
            metrics::describe_gauge!("dabiao_last_load_rows_rejected", "Rows the last load of this server rejected");
        });
    }

    /// A request was answered.
    pub(super) fn answered(
        &self,
        route: &str,
        method: &'static str,
        class: &'static str,
        took: Duration,
    ) {
        with_local_recorder(&self.recorder, || {
            counter!(REQUESTS, "route" => route.to_owned(), "method" => method, "status" => class)
                .increment(1);
            histogram!(LATENCY, "route" => route.to_owned()).record(took.as_secs_f64());
        });
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        if before % ADDED_UP_EVERY == ADDED_UP_EVERY - 1 {
            self.recorder.handle().run_upkeep();
        }
    }

    /// An answer was asked for that may be kept.
    pub(super) fn asked_for(&self, found: bool) {
        let result = if found { "hit" } else { "miss" };
        with_local_recorder(&self.recorder, || {
            counter!(KEPT, "result" => result).increment(1)
        });
    }

    /// An answer was rendered.
    pub(super) fn rendered(&self, took: Duration) {
        with_local_recorder(&self.recorder, || {
            histogram!(RENDERS).record(took.as_secs_f64())
        });
    }

    /// A load of this server ended.
    pub(super) fn loaded(&self, load: &Loaded<'_>) {
        let [received, rejected] = load.rows;
        let failed = load.outcome == "failed";
        with_local_recorder(&self.recorder, || {
            counter!(LOADS, "outcome" => load.outcome.to_owned()).increment(1);
            gauge!("dabiao_last_load_success").set(if failed { 0.0 } else { 1.0 });
            gauge!("dabiao_last_load_timestamp_seconds").set(number(load.ended));
            gauge!("dabiao_last_load_seconds").set(load.took.as_secs_f64());
            gauge!("dabiao_last_load_rows_received").set(number(received.cast_signed()));
            gauge!("dabiao_last_load_rows_rejected").set(number(rejected.cast_signed()));
        });
    }

    /// Everything as Prometheus reads it; without what is told of a snapshot before there is one.
    pub(super) fn told(
        &self,
        snapshot: Option<&Told>,
        kept: (usize, usize),
        waiting: usize,
    ) -> String {
        with_local_recorder(&self.recorder, || {
            let (answers, bytes) = kept;
            gauge!("dabiao_kept_answers").set(size(answers));
            gauge!("dabiao_kept_bytes").set(size(bytes));
            gauge!("dabiao_waiting_renders").set(size(waiting));
            if let Some(told) = snapshot {
                gauge!("dabiao_snapshot_age_seconds").set(number(told.age));
                gauge!("dabiao_snapshot_records").set(number(told.records.cast_signed()));
                gauge!("dabiao_returns_missing").set(size(told.missing_returns));
            }
        });
        self.recorder.handle().render()
    }
}

fn size(count: usize) -> f64 {
    number(i64::try_from(count).unwrap_or(i64::MAX))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus knows binary fractions only"
)]
fn number(count: i64) -> f64 {
    count as f64
}
