//! How answers travel: codings, conditional requests, limits, meters, and reading while others load.

use crate::server::app;
use crate::support::{Project, Row, TODAY, array, csv, text};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use dabiao::app::{App, Today};
use dabiao::server::{Limits, Service};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Read;
use std::time::Duration;
use tower::ServiceExt;

const DATA: &str = "/api/v1/indicators/trained_person_times/data?by=division";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: impl Into<HeaderName>) -> &str {
        let value = self.headers.get(name.into());
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The bytes before they were coded.
    fn decoded(&self) -> Vec<u8> {
        match self.header(header::CONTENT_ENCODING) {
            "zstd" => zstd::decode_all(&self.body[..]).unwrap(),
            "gzip" => {
                let mut bytes = Vec::new();
                let mut decoder = flate2::read::GzDecoder::new(&self.body[..]);
                decoder.read_to_end(&mut bytes).unwrap();
                bytes
            }
            other => {
                assert_eq!(other, "");
                self.body.to_vec()
            }
        }
    }
}

async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

async fn get(router: &Router, address: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    ask(router, request.body(Body::empty()).unwrap()).await
}

fn samples() -> (App, Router) {
    let (project, _) = Project::samples();
    let app = app(project);
    (app.clone(), dabiao::server::router(app))
}

/// A number that the meters tell.
async fn metered(router: &Router, line: &str) -> u64 {
    let told = get(router, "/metrics", &[]).await;
    let found = told.text().lines().find_map(|told| {
        let value = told.strip_prefix(line)?.strip_prefix(' ')?;
        value.parse().ok()
    });
    found.unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_coding_is_a_representation_of_its_own() {
    let (_, router) = samples();
    let plain = get(&router, "/", &[]).await;
    let mut tags = vec![plain.header(header::ETAG).to_owned()];
    assert_eq!(plain.header(header::CONTENT_ENCODING), "");
    for coding in ["gzip", "zstd"] {
        for _ in 0..2 {
            let coded = get(&router, "/", &[(header::ACCEPT_ENCODING, coding)]).await;
            assert_eq!(coded.header(header::CONTENT_ENCODING), coding);
            assert_eq!(coded.header(header::VARY), "accept, accept-encoding");
            assert_eq!(
                coded.header(header::CONTENT_LENGTH),
                coded.body.len().to_string()
            );
            assert!(coded.body.len() * 3 < plain.body.len());
            assert_eq!(coded.decoded(), plain.body, "{coding}");
            let tag = coded.header(header::ETAG).to_owned();
            assert!(tag.starts_with('"') && tag.contains(coding), "{tag}");
            if tags.last() != Some(&tag) {
                tags.push(tag);
            }
        }
    }
    assert_eq!(tags.len(), 3, "{tags:?}");
    for (coding, own) in [("identity", 0), ("gzip", 1), ("zstd", 2)] {
        for (at, tag) in tags.iter().enumerate() {
            let sent = [
                (header::ACCEPT_ENCODING, coding),
                (header::IF_NONE_MATCH, tag),
            ];
            let answer = get(&router, "/", &sent).await;
            let expected = if at == own { 304 } else { 200 };
            assert_eq!(answer.status.as_u16(), expected, "{coding} {tag}");
            assert_eq!(answer.header(header::ETAG), tags[own]);
            assert_eq!(answer.body.is_empty(), at == own);
        }
        let weak = format!("\"other\", W/{}", tags[own]);
        let sent = [
            (header::ACCEPT_ENCODING, coding),
            (header::IF_NONE_MATCH, &weak),
        ];
        assert_eq!(
            get(&router, "/", &sent).await.status,
            StatusCode::NOT_MODIFIED
        );
    }
    let sheet = get(
        &router,
        &format!("{DATA}&format=xlsx"),
        &[(header::ACCEPT_ENCODING, "zstd")],
    )
    .await;
    assert_eq!(
        sheet.header(header::CONTENT_ENCODING),
        "",
        "a workbook is packed already"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_selections_are_rendered_once_however_many_ask() {
    let (_, router) = samples();
    let answers = (0..100).map(|number| {
        let (router, by) = (
            router.clone(),
            ["by=division&period=2020", "period=2020&by=divi%73ion"],
        );
        let address = format!(
            "/api/v1/indicators/trained_person_times/data?{}",
            by[number % 2]
        );
        let coding = ["zstd", "gzip", "identity"][number % 3];
        tokio::spawn(async move {
            get(&router, &address, &[(header::ACCEPT_ENCODING, coding)])
                .await
                .decoded()
        })
    });
    let answers: Vec<_> = answers.collect();
    let mut bodies = Vec::new();
    for answer in answers {
        bodies.push(answer.await.unwrap());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(metered(&router, "dabiao_render_seconds_count").await, 1);
    let before = metered(&router, "dabiao_kept_answers_asked_total{result=\"hit\"}").await;
    get(
        &router,
        "/api/v1/indicators/trained_person_times/data?period=2020&by=division",
        &[],
    )
    .await;
    let after = metered(&router, "dabiao_kept_answers_asked_total{result=\"hit\"}").await;
    assert_eq!(after, before + 1);
    // The order of dimensions is part of the question.
    let [one, other] = ["division,quarter", "quarter,division"]
        .map(|by| format!("/api/v1/indicators/trained_person_times/data?by={by}"));
    assert_ne!(
        get(&router, &one, &[]).await.body,
        get(&router, &other, &[]).await.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_not_there_is_a_problem() {
    let (_, router) = samples();
    let long = format!("{DATA}&where=division={}", "1".repeat(9000));
    let answer = get(&router, &long, &[]).await;
    assert_eq!(answer.status, StatusCode::URI_TOO_LONG);
    let large = "x".repeat(40_000);
    let answer = get(&router, DATA, &[(header::COOKIE, &large)]).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let body = Request::get(DATA).header(header::CONTENT_LENGTH, "70000");
    let answer = ask(&router, body.body(Body::from(vec![0; 70_000])).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["/api/v1/indicators/%FF/data", "/api/v1/indicators/%80"] {
        let answer = get(&router, path, &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(text(&answer.json()["title_zh"]).contains("UTF-8"));
    }
    for path in [
        "/api/v1/indicators/",
        "/api/v1",
        "//",
        "/%00",
        "/api/v1/indicators/a/b/c",
    ] {
        let answer = get(&router, path, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(text(&answer.json()["title"]).contains("/api/v1/ledger"));
    }
    let nul = get(&router, "/api/v1/indicators/%00/data", &[]).await;
    assert_eq!(nul.status, StatusCode::NOT_FOUND);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        for path in ["/", DATA, "/openapi.json", "/metrics"] {
            let request = Request::builder()
                .method(Method::from_bytes(method.as_bytes()).unwrap())
                .uri(path);
            let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            assert_eq!(answer.header(header::ALLOW), "GET,HEAD", "{method} {path}");
            assert_eq!(
                answer.header(header::CONTENT_TYPE),
                "application/problem+json"
            );
        }
    }
    let page = get(&router, "/nowhere", &[(header::ACCEPT, "text/html,*/*")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().starts_with("<!doctype html>"));
    let head = Request::head(DATA).body(Body::empty()).unwrap();
    let head = ask(&router, head).await;
    let whole = get(&router, DATA, &[]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    for name in [header::ETAG, header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        assert_eq!(head.header(&name), whole.header(&name), "{name}");
    }
    // What no answer of ours is, is answered with JSON rather than refused.
    let any = get(&router, DATA, &[(header::ACCEPT, "image/webp")]).await;
    assert_eq!(any.header(header::CONTENT_TYPE), "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breakdown_that_is_too_long_is_refused_by_name() {
    let (app, _) = samples();
    let router = Service::new(
        app,
        Limits {
            rows: 3,
            ..Limits::default()
        },
    )
    .router();
    for path in ["data", "explain"] {
        let address = format!("/api/v1/indicators/trained_person_times/{path}?by=division");
        let answer = get(&router, &address, &[]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let problem = answer.json();
        assert_eq!(problem["errors"][0]["parameter"], "by");
        assert!(text(&problem["errors"][0]["message"]["en"]).contains("more than 3"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_answer_is_promised_and_found_by_the_next_one() {
    let (app, _) = samples();
    let limits = Limits {
        render_time: Duration::from_micros(1),
        ..Limits::default()
    };
    let router = Service::new(app, limits).router();
    let first = get(&router, DATA, &[]).await;
    assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(first.header(header::RETRY_AFTER), "10");
    let mut answer = first;
    for _ in 0..600 {
        if answer.status == StatusCode::OK {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = get(&router, DATA, &[]).await;
    }
    assert_eq!(
        answer.status,
        StatusCode::OK,
        "it was made to its end and kept"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_wait_are_told_to_come_again() {
    let (app, _) = samples();
    let limits = Limits {
        renders: 1,
        waiting: 1,
        ..Limits::default()
    };
    let router = Service::new(app, limits).router();
    let answers: Vec<_> = (0..24)
        .map(|number| {
            let router = router.clone();
            let address = format!("{DATA},sector,month&period=20{}", 19 + number % 3);
            let address = format!("{address}&where=quarter=2020Q{}", number / 3 % 4 + 1);
            tokio::spawn(async move { get(&router, &address, &[]).await })
        })
        .collect();
    let mut statuses: HashMap<u16, usize> = HashMap::new();
    for answer in answers {
        let answer = answer.await.unwrap();
        *statuses.entry(answer.status.as_u16()).or_default() += 1;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(answer.header(header::RETRY_AFTER), "2");
        }
    }
    let of = |status| statuses.get(&status).copied().unwrap_or(0);
    assert!(of(200) >= 2 && of(503) >= 1, "{statuses:?}");
    assert_eq!(of(200) + of(503), 24, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_numbered_and_counted_by_pattern() {
    let (_, router) = samples();
    let id = HeaderName::from_static("x-request-id");
    let given = get(&router, DATA, &[(id.clone(), "abc-1.2_3")]).await;
    assert_eq!(given.header(&id), "abc-1.2_3");
    for bad in ["a b", "a\"b", &"x".repeat(65)] {
        let own = get(&router, DATA, &[(id.clone(), bad)]).await;
        assert_eq!(own.header(&id).len(), 32, "{bad}");
    }
    get(&router, "/secret-name-1?secret=2", &[]).await;
    get(&router, "/api/v1/indicators/secret_name/data", &[]).await;
    let told = get(&router, "/metrics", &[]).await;
    assert!(
        told.header(header::CONTENT_TYPE)
            .starts_with("text/plain; version=0.0.4")
    );
    let told = told.text();
    for line in [
        "dabiao_http_requests_total{route=\"/api/v1/indicators/{id}/data\",method=\"GET\",status=\"2xx\"} 4",
        "dabiao_http_requests_total{route=\"/api/v1/indicators/{id}/data\",method=\"GET\",status=\"4xx\"} 1",
        "dabiao_http_requests_total{route=\"none\",method=\"GET\",status=\"4xx\"} 1",
        "dabiao_http_request_seconds_bucket{route=\"/api/v1/indicators/{id}/data\",le=\"+Inf\"} 5",
        "dabiao_kept_answers_asked_total{result=\"hit\"} 3",
        "dabiao_returns_missing 0",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("secret"), "{told}");
    let records = told
        .lines()
        .find(|line| line.starts_with("dabiao_snapshot_records "));
    let records = records.unwrap().split(' ').nth(1).unwrap();
    assert!(records.parse::<u64>().unwrap() > 100);
}

/// Records of a month of 2020, from number `first` on.
fn records(first: u32, count: u32, month: u32) -> String {
    let rows: Vec<Row> = (first..first + count)
        .map(|number| Row {
            start: format!("2020-{month:02}-03"),
            end: format!("2020-{month:02}-20"),
            ..Row::new(number)
        })
        .collect();
    csv(&rows)
}

fn put(project: &Project, month: u32) {
    let name = format!("training__DP01__220102__2020-{month:02}.csv");
    project.put(&name, records(month * 100, 20 + month, month));
}

fn open(project: &Project) -> App {
    App::open(&project.root(), None, Today::Day(TODAY.parse().unwrap())).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_whole_snapshots_while_others_are_published() {
    let project = Project::new();
    put(&project, 1);
    project.ingest(0);
    let app = open(&project);
    let service = Service::new(app.clone(), Limits::default());
    let router = service.router();
    let loading = tokio::task::spawn_blocking(move || {
        for month in 2..=9 {
            put(&project, month);
            match month % 2 {
                // In this process as the nightly load does, and in another one.
                0 => assert!(service.load(), "a new snapshot"),
                _ => assert_eq!(project.ingest(0)["totals"]["new"], 20 + month),
            }
        }
        project
    });
    let readers: Vec<_> = (0..3)
        .map(|reader| {
            let router = router.clone();
            tokio::spawn(async move {
                let mut seen: Vec<(String, i64)> = Vec::new();
                for turn in 0..100_000 {
                    let address = match turn % 3 {
                        0 => "/".to_owned(),
                        1 => format!("{DATA},month"),
                        _ => format!("{DATA},month&period=2020&view=as_is"),
                    };
                    let coding = [(header::ACCEPT_ENCODING, ["zstd", "identity"][reader % 2])];
                    let answer = get(&router, &address, &coding).await;
                    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
                    if turn % 3 > 0 {
                        let told: Value = serde_json::from_slice(&answer.decoded()).unwrap();
                        let rows = array(&told["rows"]).iter();
                        let sum: i64 = rows.map(|row| row["value"].as_i64().unwrap()).sum();
                        let total = told["totals"]["value"].as_i64().unwrap();
                        assert_eq!(sum, total, "{told}");
                        let snapshot = text(&told["snapshot"]).to_owned();
                        if let Some((last, value)) = seen.last() {
                            assert!(*last <= snapshot, "no way back: {last} {snapshot}");
                            assert!(*last != snapshot || *value == total);
                        }
                        if seen.last().is_none_or(|(last, _)| *last != snapshot) {
                            seen.push((snapshot, total));
                        }
                    }
                    if seen.len() == 9 {
                        break;
                    }
                }
                seen
            })
        })
        .collect();
    let project = loading.await.unwrap();
    for reader in readers {
        let seen = reader.await.unwrap();
        let (snapshot, total) = seen.last().unwrap();
        assert_eq!(*total, (21..=29).sum::<i64>(), "the last one is reached");
        assert_eq!(*total, project.total("trained_person_times", &[]));
        let ready = get(&router, "/readyz", &[]).await;
        assert_eq!(ready.text(), snapshot);
    }
    let published = "dabiao_loads_total{outcome=\"published\"}";
    assert_eq!(metered(&router, published).await, 4);
    assert_eq!(metered(&router, "dabiao_last_load_success").await, 1);
    assert_eq!(metered(&router, "dabiao_last_load_rows_received").await, 28);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_another_process_is_served_at_once() {
    let project = Project::new();
    put(&project, 1);
    project.ingest(0);
    let app = open(&project);
    let router = dabiao::server::router(app);
    for month in 2..=4 {
        let before = get(&router, DATA, &[]).await.json();
        assert_eq!(get(&router, DATA, &[]).await.json(), before);
        put(&project, month);
        let report = project.ingest(0);
        let after = get(&router, DATA, &[]).await.json();
        assert_eq!(after["snapshot"], report["snapshot"]);
        assert_ne!(after["totals"]["value"], before["totals"]["value"]);
    }
}

#[test]
fn a_load_that_is_told_to_stop_leaves_nothing() {
    let project = Project::new();
    put(&project, 1);
    let app = open(&project);
    app.stop_loads();
    let stopped = app.ingest(&[], false, &mut |_| {});
    assert!(stopped.unwrap_err().to_string().contains("told to stop"));
    assert!(app.snapshots().unwrap().is_empty());
    // The next one takes all of it.
    assert_eq!(project.ingest(0)["totals"]["new"], 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_what_was_the_newest_a_second_ago_at_most() {
    let project = Project::new();
    put(&project, 1);
    let first = text(&project.ingest(0)["snapshot"]).to_owned();
    let router = dabiao::server::router(open(&project));
    let page = async |snapshot: &str| {
        let page = get(&router, "/", &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        page.text().contains(snapshot)
    };
    assert!(page(&first).await);
    // Nobody asked for a while: nothing says that the first was the newest a moment ago.
    put(&project, 2);
    let second = text(&project.ingest(0)["snapshot"]).to_owned();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(page(&second).await);
    // Asked all the time: the one before is shown while the next is made, and no longer.
    put(&project, 3);
    let loading = tokio::task::spawn_blocking(move || {
        let report = project.ingest(0);
        (project, report)
    });
    while !loading.is_finished() {
        page(&second).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The project stays until its last page was asked for.
    let (_project, report) = loading.await.unwrap();
    let third = text(&report["snapshot"]).to_owned();
    let published = std::time::Instant::now();
    let mut shown = false;
    while published.elapsed() < Duration::from_millis(1500) {
        let begun = published.elapsed();
        let now = page(&third).await;
        assert!(now || !shown, "no way back");
        assert!(now || begun < Duration::from_secs(1), "{begun:?}");
        shown = now;
    }
    assert!(shown);
}
