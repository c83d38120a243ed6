//! The API by its own document: every operation answers, says what the command line says, and tells every mistake at once.

use crate::server::{app, get};
use crate::support::{Project, array, text};
use axum::http::{StatusCode, header};
use serde_json::Value;

/// A request to every operation, as the command line would be asked.
const ASKED: [(&str, &str, &[&str]); 10] = [
    ("/api/v1/indicators", "/api/v1/indicators", &[]),
    (
        "/api/v1/indicators/{id}",
        "/api/v1/indicators/skilled_ratio",
        &[],
    ),
    (
        "/api/v1/indicators/{id}/data",
        "/api/v1/indicators/trained_person_times/data?by=division,quarter&where=division=220102,220103&period=2020&scope=CC2020&view=as_is&compare=yoy,pop",
        &[
            "query",
            "trained_person_times",
            "--by",
            "division,quarter",
            "--where",
            "division=220102,220103",
            "--period",
            "2020",
            "--scope",
            "CC2020",
            "--view",
            "as_is",
            "--compare",
            "yoy,pop",
        ],
    ),
    (
        "/api/v1/indicators/{id}/explain",
        "/api/v1/indicators/skilled_ratio/explain?records=3",
        &["explain", "skilled_ratio", "--records", "3"],
    ),
    (
        "/api/v1/ledger",
        "/api/v1/ledger?by=division&period=2020&scope=CC2020",
        &[
            "ledger", "--by", "division", "--period", "2020", "--scope", "CC2020",
        ],
    ),
    (
        "/api/v1/completeness",
        "/api/v1/completeness?period=2020",
        &["completeness", "--period", "2020"],
    ),
    (
        "/api/v1/findings",
        "/api/v1/findings?department=DP01",
        &["findings", "--department", "DP01"],
    ),
    ("/api/v1/snapshots", "/api/v1/snapshots", &["snapshots"]),
    (
        "/api/v1/diff",
        "/api/v1/diff?from=2021-06-30&to=2021-06-30&indicator=trained_person_times,skilled_ratio&by=division",
        &[
            "diff",
            "2021-06-30",
            "2021-06-30",
            "trained_person_times",
            "skilled_ratio",
            "--by",
            "division",
        ],
    ),
    ("/api/v1/targets", "/api/v1/targets", &[]),
];

#[test]
fn every_documented_operation_says_what_the_command_line_says() {
    let (project, _) = Project::samples();
    let app = app(project);
    let document = get(&app, "/openapi.json", &[]).json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    // Pictures are held against pages in the tests of dashboards; no command prints them.
    let is_told = |path: &&String| path.starts_with("/api/") && !path.contains("/chart.");
    let api = paths.keys().filter(is_told);
    let api: Vec<&str> = api.map(String::as_str).collect();
    assert_eq!(api, ASKED.map(|(path, _, _)| path));
    for (path, kind) in [("chart.svg", "image/svg+xml"), ("chart.png", "image/png")] {
        let path = format!("/api/v1/indicators/{{id}}/{path}");
        assert!(
            paths[&path]["get"]["responses"]["200"]["content"]
                .get(kind)
                .is_some()
        );
    }
    for (path, address, args) in ASKED {
        let answer = get(&app, address, &[]);
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "{address}: {}",
            answer.text()
        );
        if !args.is_empty() {
            let printed = project.run(&[args, &["--format", "json"]].concat());
            assert_eq!(answer.text(), printed.out, "{address}");
        }
        let told = &paths[path]["get"]["responses"]["200"]["content"];
        let required = array(&told["application/json"]["schema"]["required"]);
        let told = answer.json();
        for name in required {
            assert!(told.get(text(name)).is_some(), "{address}: {name}");
        }
        assert_eq!(
            told.as_object().unwrap().len(),
            required.len() + extra(&told)
        );
    }
    let known = get(&app, "/nowhere", &[]);
    assert_eq!(known.status, StatusCode::NOT_FOUND);
    for path in paths.keys() {
        assert!(known.text().contains(path.as_str()), "{path}");
    }
}

/// Fields that only some answers have.
fn extra(told: &Value) -> usize {
    usize::from(told["view"] == "as_is" && told.get("sql").is_none())
}

#[test]
fn the_document_names_the_codes_and_words_that_are_valid() {
    let (project, _) = Project::samples();
    let document = get(&app(project), "/openapi.json", &[]).json();
    let data = &document["paths"]["/api/v1/indicators/{id}/data"]["get"];
    let schema = |name: &str| {
        let parameters = array(&data["parameters"]).iter();
        let mut named = parameters.filter(|parameter| parameter["name"] == name);
        named.next().expect("it is told")["schema"].clone()
    };
    let words = |schema: &Value| -> Vec<String> {
        let words = array(&schema["enum"]).iter();
        words.map(|word| text(word).to_owned()).collect()
    };
    assert_eq!(words(&schema("format")), ["json", "csv", "xlsx"]);
    assert_eq!(words(&schema("view")), ["as_was", "as_is"]);
    assert_eq!(words(&schema("compare")["items"]), ["yoy", "pop"]);
    assert!(words(&schema("scope")).contains(&"CC2020".to_owned()));
    assert!(words(&schema("by")["items"]).contains(&"stat_month".to_owned()));
    let ids = words(&schema("id"));
    assert_eq!(ids.len(), 26);
    for parameter in array(&data["parameters"]) {
        let told = text(&parameter["description"]);
        assert!(told.contains(" / "), "in both languages: {told}");
    }
    for status in ["304", "400", "404", "414", "503"] {
        assert!(data["responses"].get(status).is_some(), "{status}");
    }
}

#[test]
fn indicators_are_told_with_their_definitions() {
    let (project, _) = Project::samples();
    let app = app(project);
    let one = get(&app, "/api/v1/indicators/trained_person_times", &[]).json();
    let all = get(&app, "/api/v1/indicators", &[]).json();
    let listed = array(&all["indicators"])
        .iter()
        .find(|each| each["id"] == "trained_person_times")
        .unwrap();
    for (name, value) in listed.as_object().unwrap() {
        assert_eq!(&one[name], value, "{name}");
    }
    assert!(text(&one["facts"]).contains("FROM training"), "{one}");
    assert_eq!(one["tables"], serde_json::json!(["training"]));
    assert!(array(&one["examples"]).len() >= 2);
    let queried = project.query("trained_person_times", &[]);
    assert_eq!(one["definition"], queried["definition"]);
    let old = get(&app, "/api/v1/indicators?as_of=2019-01-01", &[]);
    assert_eq!(old.status, StatusCode::BAD_REQUEST);
}

/// The parameters a problem names.
fn named(problem: &Value) -> Vec<&str> {
    let errors = array(&problem["errors"]).iter();
    errors.map(|error| text(&error["parameter"])).collect()
}

#[test]
fn mistakes_of_every_kind_are_told_together_and_in_both_languages() {
    let (project, _) = Project::samples();
    let app = app(project);
    let data = "/api/v1/indicators/trained_person_times/data";
    for (asked, parameters) in [
        (
            format!(
                "{data}?view=as_if&colour=red&period=2020Q7&scope=CC1999&by=colour,division&bom=maybe&format=pdf"
            ),
            vec!["view", "colour", "bom", "format", "period", "scope", "by"],
        ),
        (format!("{data}?period=2020&period=2021"), vec!["period"]),
        (format!("{data}?period=&by="), vec!["period", "by"]),
        (format!("{data}?by=division,,sector"), vec!["by"]),
        (format!("{data}?where=division"), vec!["where"]),
        (format!("{data}?compare=yoy,mom"), vec!["compare"]),
        (format!("{data}?compare=pop,pop"), vec!["compare"]),
        (
            format!("{data}?where=sector=A&where=sector=A&by=sector&by=sector"),
            vec!["where", "by"],
        ),
        (format!("{data}?lang=en"), vec!["lang"]),
        ("/api/v1/diff".to_owned(), vec!["from", "to"]),
        (
            "/api/v1/diff?from=1999-01-01&to=2021-06-30&indicator=nothing&by=colour&format=xlsx"
                .to_owned(),
            vec!["format", "from", "indicator", "by"],
        ),
        (
            "/api/v1/ledger?by=colour&period=20&scope=X&as_of=1999-01-01".to_owned(),
            vec!["by", "period", "scope", "as_of"],
        ),
        (
            "/api/v1/completeness?by=division&period=x".to_owned(),
            vec!["by", "period"],
        ),
        (
            "/api/v1/snapshots?as_of=2020-01-01".to_owned(),
            vec!["as_of"],
        ),
        (
            "/api/v1/findings?rule=R999&division=1&department=%00&period=%F0%9F&as_of=S1"
                .to_owned(),
            vec!["as_of", "rule", "division", "department", "period"],
        ),
    ] {
        let wrong = get(&app, &asked, &[]);
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "{asked}");
        assert_eq!(
            wrong.header(header::CONTENT_TYPE),
            "application/problem+json"
        );
        let problem = wrong.json();
        assert_eq!(named(&problem), parameters, "{asked}: {problem}");
        for error in array(&problem["errors"]) {
            let both = ["zh", "en"].map(|language| text(&error["message"][language]));
            assert!(both.iter().all(|message| message.len() > 5), "{error}");
        }
        let page = get(&app, &asked, &[(header::ACCEPT, "text/html")]);
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(page.text().starts_with("<!doctype html>"), "{asked}");
    }
    let nothing = get(
        &app,
        "/api/v1/indicators/nothing/data?view=x&period=2020Q9",
        &[],
    );
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(named(&nothing.json()), ["view", "id"]);
}

#[test]
fn odd_moments_and_periods_are_refused_rather_than_fatal() {
    let (project, _) = Project::samples();
    let app = app(project);
    for moment in [
        "%2B262142-12-31",
        "262142-12-31",
        "-0001-01-01",
        "0000-00-00",
        "2021-02-30",
        "2021-06-30T25:00:00Z",
        "S999999-00000000",
        "9999-12-31T23:59:59%2B24:00",
        "%00",
        "%FF%FE",
        "2021-6-30",
    ] {
        let address = format!("/api/v1/indicators/trained_person_times/data?as_of={moment}");
        let answer = get(&app, &address, &[]);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{moment}");
        let page = get(&app, &format!("/?as_of={moment}"), &[]);
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{moment}");
    }
    let newest = get(&app, "/api/v1/targets?as_of=9999-12-31", &[]);
    assert_eq!(newest.status, StatusCode::OK, "{}", newest.text());
    for period in [
        "2020-%2B9",
        "%2B020",
        "2020-00",
        "2021..2020",
        "ytd:2020",
        "２０２０",
    ] {
        let address = format!("/api/v1/completeness?period={period}");
        let answer = get(&app, &address, &[]);
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{period}");
    }
}

#[test]
fn before_the_first_load_definitions_are_told_and_figures_are_not() {
    let project = Project::new();
    let app = app(&project);
    for (address, there) in [
        ("/api/v1/indicators", true),
        ("/api/v1/indicators/skilled_ratio", true),
        ("/api/v1/snapshots", true),
        ("/openapi.json", true),
        ("/metrics", true),
        ("/livez", true),
        ("/api/v1/ledger", false),
        ("/api/v1/indicators/skilled_ratio/data", false),
        ("/", false),
        ("/readyz", false),
    ] {
        let answer = get(&app, address, &[]);
        match there {
            true => assert_eq!(answer.status, StatusCode::OK, "{address}"),
            false => {
                assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
                assert_eq!(answer.header(header::RETRY_AFTER), "60", "{address}");
                assert!(answer.text().contains("dabiao ingest"));
            }
        }
    }
    let unknown = get(&app, "/api/v1/indicators/nothing", &[]);
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let listed = get(&app, "/api/v1/snapshots", &[]).json();
    assert_eq!(listed, serde_json::json!({ "snapshots": [] }));
}
