//! The router in process: every answer equals the command line's.

use crate::support::{Project, TODAY};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dabiao::app::{App, Today};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text is UTF-8")
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(&name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }
}

pub(crate) fn app(project: &Project) -> App {
    App::open(&project.root(), None, Today::Day(TODAY.parse().unwrap())).expect("the project opens")
}

pub(crate) fn get(app: &App, address: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut request = Request::get(address);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = dabiao::server::router(app.clone())
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    })
}

#[test]
fn data_answers_equal_the_command_line() {
    let (project, _) = Project::samples();
    let app = app(project);
    let asked = "/api/v1/indicators/trained_person_times/data?by=division&period=2020";
    let printed = project.run(&[
        "query",
        "trained_person_times",
        "--by",
        "division",
        "--period",
        "2020",
        "--format",
        "json",
    ]);
    assert_eq!(
        get(&app, asked, &[]).json(),
        serde_json::from_str::<Value>(&printed.out).unwrap()
    );
    let printed = project.run(&[
        "query",
        "trained_person_times",
        "--by",
        "division",
        "--period",
        "2020",
        "--format",
        "csv",
    ]);
    let csv = get(&app, &format!("{asked}&format=csv&bom=0"), &[]);
    assert_eq!(csv.text(), printed.out);
    let with_mark = get(&app, &format!("{asked}&format=csv"), &[]);
    assert_eq!(with_mark.text(), format!("\u{FEFF}{}", printed.out));
    let xlsx = get(&app, &format!("{asked}&format=xlsx"), &[]);
    assert!(xlsx.body.starts_with(b"PK"), "a workbook is a zip file");
    assert!(xlsx.header(header::CONTENT_DISPOSITION).contains(".xlsx"));
}

#[test]
fn findings_and_explanations_equal_the_command_line() {
    let (project, _) = Project::samples();
    let app = app(project);
    for (address, args) in [
        ("/api/v1/findings", vec!["findings"]),
        (
            "/api/v1/findings?rule=R040&division=220102&period=2020",
            vec![
                "findings",
                "--rule",
                "R040",
                "--division",
                "220102",
                "--period",
                "2020",
            ],
        ),
        (
            "/api/v1/indicators/trained_person_times/explain?where=division=220102&period=2020",
            vec![
                "explain",
                "trained_person_times",
                "--where",
                "division=220102",
                "--period",
                "2020",
            ],
        ),
        (
            "/api/v1/indicators/trained_person_times/explain?records=all",
            vec!["explain", "trained_person_times", "--records", "all"],
        ),
    ] {
        let printed = project.run(&[&args[..], &["--format", "json"]].concat());
        let answer = get(&app, address, &[]);
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{address}: {}",
            answer.text()
        );
        assert_eq!(answer.text(), printed.out, "{address}");
    }
    let csv = get(&app, "/api/v1/findings?format=csv&bom=0", &[]);
    assert_eq!(
        csv.text(),
        project.run(&["findings", "--format", "csv"]).out
    );
    let wrong = get(
        &app,
        "/api/v1/findings?rule=R999&division=1&colour=red&format=pdf",
        &[],
    );
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let told = wrong.text();
    for word in ["R999", "colour", "pdf", "division"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    let wrong = get(
        &app,
        "/api/v1/indicators/trained_person_times/explain?records=many",
        &[],
    );
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let wrong = get(&app, "/api/v1/indicators/nothing/explain", &[]);
    assert_eq!(wrong.status, StatusCode::NOT_FOUND);
}

#[test]
fn the_page_shows_the_figures_of_the_query() {
    let (project, _) = Project::samples();
    let app = app(project);
    let printed: Value = project
        .run(&[
            "query",
            "trained_person_times",
            "--by",
            "division",
            "--format",
            "json",
        ])
        .json(0);
    for (language, address) in [("zh-CN", "/"), ("en", "/?lang=en")] {
        let page = get(&app, address, &[(header::ACCEPT, "text/html")]);
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        assert!(page.text().contains(&format!("lang=\"{language}\"")));
        assert!(
            page.text().contains("SYNTHETIC"),
            "made-up records are labelled"
        );
        // Digits may be grouped for the eye by elements between them: compare the text alone.
        let mut text = String::new();
        let mut inside = false;
        for c in page.text().chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        let rows = printed["rows"].as_array().unwrap();
        assert!(rows.len() > 10);
        for row in rows.iter().chain([&printed["totals"]]) {
            let value = row["value"].to_string();
            assert!(text.contains(&value), "{language}: {value} is missing");
        }
    }
    let chart = get(
        &app,
        "/api/v1/indicators/trained_person_times/chart.svg?by=division&view=bullets",
        &[],
    );
    assert_eq!(chart.header(header::CONTENT_TYPE), "image/svg+xml");
    assert!(chart.text().contains("<title") && chart.text().contains("<desc"));
}

#[test]
fn answers_are_conditional_and_kept_to_themselves() {
    let (project, _) = Project::samples();
    let app = app(project);
    let page = get(&app, "/", &[]);
    let tag = page.header(header::ETAG).to_owned();
    let again = get(&app, "/", &[(header::IF_NONE_MATCH, &tag)]);
    assert_eq!(
        (again.status, again.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    assert!(
        page.header(header::CONTENT_SECURITY_POLICY)
            .starts_with("default-src 'none'")
    );
    assert_eq!(page.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
}

#[test]
fn every_mistake_of_a_request_is_named() {
    let (project, _) = Project::samples();
    let app = app(project);
    let wrong = get(
        &app,
        "/api/v1/indicators/trained_person_times/data?period=2020Q9&scope=CC1999&by=colour",
        &[],
    );
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        wrong.header(header::CONTENT_TYPE),
        "application/problem+json"
    );
    let problem = wrong.json();
    let named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["parameter"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["period", "scope", "by"]);
    assert!(
        problem["errors"][1]["message"]["zh"]
            .as_str()
            .unwrap()
            .contains("CC2020"),
        "the valid ones are named"
    );
    let unknown = get(&app, "/api/v1/indicators/nothing/data", &[]);
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let page = get(&app, "/?colour=%3Cb%3E", &[(header::ACCEPT, "text/html")]);
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text().contains("colour") && !page.text().contains("<b>"));
    assert_eq!(get(&app, "/nowhere", &[]).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_project_without_loads_is_healthy_and_not_ready() {
    let project = Project::new();
    let app = app(&project);
    assert_eq!(get(&app, "/healthz", &[]).status, StatusCode::OK);
    let ready = get(&app, "/readyz", &[]);
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text().contains("dabiao ingest"));
    let (loaded, _) = Project::samples();
    assert_eq!(
        get(&self::app(loaded), "/readyz", &[]).status,
        StatusCode::OK
    );
}
