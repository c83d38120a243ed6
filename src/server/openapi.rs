//! `/openapi.json`: the document of the declared operations (OpenAPI 3.1).

use super::operations::{ALL, Form, Format, Many, Operation, Parameter};
use super::shapes;
use crate::app::App;
use serde_json::{Map, Value, json};

/// The document; codes are those of the project's definitions.
pub(super) fn document(app: &App) -> String {
    let mut paths = Map::new();
    for operation in ALL {
        let read = json!({
            "operationId": operation.id,
            "summary": operation.title[1],
            "description": operation.title[0],
            "parameters": operation.takes.iter().map(|taken| parameter(taken, app)).collect::<Vec<Value>>(),
            "responses": responses(operation),
        });
        paths.insert(operation.path.to_owned(), json!({ "get": read }));
    }
    paths.extend(of_operators());
    let title = &app.programme().config.programme.title;
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Dabiao 达标: {}", title.en),
            "description": format!(
                "{}\n\nThe answers of the command line over HTTP: exact numbers, each with the snapshot it comes from. Every answer has a strong ETag and may be asked for again with If-None-Match; bodies are compressed by Accept-Encoding (zstd, gzip). A format that Accept does not name is answered with JSON. HEAD is answered wherever GET is. Every mistake of a request is told at once, in Chinese and English.",
                title.zh,
            ),
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": shapes::components() },
    });
    serde_json::to_string_pretty(&document).expect("a document is JSON")
}

fn parameter(taken: &Parameter, app: &App) -> Value {
    let value = match taken.form {
        Form::Words(words) => json!({ "type": "string", "enum": words() }),
        Form::Codes(codes) => json!({ "type": "string", "enum": codes(app) }),
        Form::Text {
            pattern, examples, ..
        } => json!({ "type": "string", "pattern": pattern, "examples": examples }),
    };
    let (schema, explode) = match taken.many {
        Many::Path | Many::One => (value, None),
        Many::Commas => (several(value), Some(false)),
        Many::Repeated => (several(value), Some(true)),
    };
    let place = if taken.many == Many::Path {
        "path"
    } else {
        "query"
    };
    let mut told = json!({
        "name": taken.name,
        "in": place,
        "required": taken.required,
        "description": format!("{} / {}", taken.about[1], taken.about[0]),
        "schema": schema,
    });
    if let Some(explode) = explode {
        told["style"] = json!("form");
        told["explode"] = json!(explode);
    }
    told
}

fn several(value: Value) -> Value {
    json!({ "type": "array", "items": value, "minItems": 1, "uniqueItems": true })
}

/// Headers of every answer.
fn headers() -> Value {
    json!({
        "X-Request-Id": { "description": "Names the request in the log; a sent one is sent back", "schema": { "type": "string" } },
        "Vary": { "schema": { "type": "string" } },
    })
}

fn of_an_answer() -> Value {
    let mut headers = headers();
    headers["ETag"] = json!({ "description": "Of the content and its coding", "required": true, "schema": { "type": "string" } });
    headers["Cache-Control"] = json!({ "schema": { "type": "string" } });
    headers
}

fn responses(operation: &Operation) -> Value {
    let mut content = Map::new();
    for format in operation.formats {
        let schema = match format {
            Format::Csv => shapes::text_of_a_file(),
            Format::Xlsx => shapes::bytes_of_a_file(),
            _ => (operation.shape)(),
        };
        let media_type = format.media_type().split(';').next().unwrap_or_default();
        content.insert(media_type.to_owned(), json!({ "schema": schema }));
    }
    let mut all = Map::new();
    all.insert(
        "200".to_owned(),
        json!({ "description": operation.title[1], "headers": of_an_answer(), "content": content }),
    );
    all.insert(
        "304".to_owned(),
        json!({ "description": "The reader has it: If-None-Match names its ETag", "headers": of_an_answer() }),
    );
    let named = operation.takes.iter().any(|taken| taken.many == Many::Path);
    let refusals = [
        ("400", "Every mistake of the request", true),
        ("404", "There is none of this id", named),
        ("413", "The body is too large", true),
        ("414", "The address is too long", true),
        ("431", "The headers are too large", true),
        ("500", "It failed; the log says why", true),
        (
            "501",
            "This version cannot read the definitions the snapshot was published with",
            true,
        ),
        (
            "503",
            "Nothing was loaded yet, or the answer takes long",
            true,
        ),
    ];
    for (status, why, _) in refusals.into_iter().filter(|(_, _, told)| *told) {
        all.insert(status.to_owned(), problem(why, status == "503"));
    }
    Value::Object(all)
}

/// A problem is told as JSON to programs and as a page to browsers.
fn problem(why: &str, again: bool) -> Value {
    let mut headers = headers();
    if again {
        headers["Retry-After"] = json!({ "description": "Seconds", "schema": { "type": "string", "pattern": "^[0-9]+$" } });
    }
    json!({
        "description": why,
        "headers": headers,
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
            "text/html": { "schema": { "type": "string" } },
        },
    })
}

/// Paths for those who run the program.
fn of_operators() -> Map<String, Value> {
    let plain = |id: &str, title: &str, media_type: &str, refused: Option<&str>| {
        let mut responses = json!({
            "200": { "description": title, "headers": headers(), "content": { media_type: { "schema": { "type": "string" } } } },
        });
        for status in ["413", "414", "431"] {
            responses[status] = problem("The request is too large", false);
        }
        if let Some(why) = refused {
            responses["503"] = problem(why, true);
        }
        json!({ "get": { "operationId": id, "summary": title, "responses": responses } })
    };
    let alive = "The program answers";
    let paths = [
        ("/livez", plain("livez", alive, "text/plain", None)),
        ("/healthz", plain("healthz", alive, "text/plain", None)),
        (
            "/readyz",
            plain(
                "readyz",
                "Id of the newest snapshot",
                "text/plain",
                Some("Nothing was loaded yet"),
            ),
        ),
        (
            "/metrics",
            plain(
                "metrics",
                "Metrics in the text format of Prometheus",
                "text/plain",
                None,
            ),
        ),
    ];
    paths
        .into_iter()
        .map(|(path, told)| (path.to_owned(), told))
        .collect()
}
