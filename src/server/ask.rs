//! What a request to the API asks, read by its operation's declaration; every mistake is told, not the first.

use super::answer::Answer;
use super::desk::{Desk, For};
use super::kept::Address;
use super::operations::{Form, Format, Many, Operation, Parameter};
use super::problem::{Mistake, Problem};
use crate::app::{App, Error};
use crate::indicators;
use crate::indicators::table::{Request, View};
use crate::programme::{Language, Text};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use url::form_urlencoded;

/// Parameters of a request in order, percent-decoded.
pub(super) type Pairs = Vec<(String, String)>;

/// A request as it came.
pub(super) struct Ask {
    uri: Uri,
    /// The part of the path that names something.
    id: String,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Ask {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let named = RawPathParams::from_request_parts(parts, state).await;
        let named = named.map_err(|_| {
            Problem::address_unreadable().respond(super::desk::wants_html(&parts.headers))
        })?;
        let id = named.iter().next().map(|(_, value)| value.to_owned());
        Ok(Self {
            uri: parts.uri.clone(),
            id: id.unwrap_or_default(),
            headers: parts.headers.clone(),
        })
    }
}

/// A request as it was understood.
pub(super) struct Read {
    id: String,
    pairs: Pairs,
    mistakes: Vec<Mistake>,
    /// The form of the answer.
    pub(super) format: Format,
}

/// A parameter tried by itself: what the app says of it alone.
pub(super) type Trial<'a> = (&'static str, Box<dyn Fn() -> Result<(), Error> + 'a>);

/// Tries `work` for the parameter `name`.
pub(super) fn trial<'a, T>(
    name: &'static str,
    work: impl Fn() -> Result<T, Error> + 'a,
) -> Trial<'a> {
    (name, Box::new(move || work().map(|_| ())))
}

impl Ask {
    /// The parameters as they were sent.
    fn pairs(&self) -> Pairs {
        let query = self.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }
}

impl Desk {
    /// Answers with a page: of the part of the path that names it and the parameters as they were sent, for every page has filters
    /// of its own.
    pub(super) async fn page(
        self,
        ask: Ask,
        render: impl FnOnce(&App, &str, &Pairs) -> Result<Answer, Problem> + Send + 'static,
    ) -> Response {
        let address = Address::new(ask.uri.path(), ask.uri.query().unwrap_or_default(), "");
        let (id, pairs) = (ask.id.clone(), ask.pairs());
        let render = move |app: &App| render(app, &id, &pairs);
        self.rendered(For::People, Some(address), ask.headers, render)
            .await
    }

    /// Answers an operation with what `render` makes of it; `keep` says whether the answer may be kept.
    pub(super) async fn api(
        self,
        operation: &'static Operation,
        ask: Ask,
        keep: fn(&Read) -> bool,
        render: impl FnOnce(&App, &Read) -> Result<Answer, Problem> + Send + 'static,
    ) -> Response {
        let read = Read::new(operation, &ask);
        let path = format!("{} {}", operation.path, ask.id);
        let query = ask.uri.query().unwrap_or_default();
        let address = Address::new(&path, query, read.format.word());
        // What is listed before the first load is listed of the files as they are now.
        let early = operation.always && matches!(self.app.standing(), Err(Error::Empty));
        let address = (keep(&read) && !early).then_some(address);
        let render = move |app: &App| render(app, &read);
        self.rendered(For::Programs, address, ask.headers, render)
            .await
    }
}

/// For operations whose answers are always kept.
pub(super) fn always(_: &Read) -> bool {
    true
}

impl Read {
    fn new(operation: &'static Operation, ask: &Ask) -> Self {
        let sent = ask.pairs();
        let mut read = Self {
            id: ask.id.clone(),
            pairs: vec![],
            mistakes: vec![],
            format: accepted(operation, &ask.headers),
        };
        for (name, value) in sent {
            match read.mistake(operation, &name, &value) {
                Some(message) => read.mistakes.push(Mistake {
                    parameter: name,
                    message,
                }),
                None => read.pairs.push((name, value)),
            }
        }
        let missing = operation.takes.iter().filter(|taken| {
            taken.required && taken.many != Many::Path && read.value(taken.name).is_none()
        });
        let missing: Vec<Mistake> = missing
            .filter(|taken| {
                read.mistakes
                    .iter()
                    .all(|told| told.parameter != taken.name)
            })
            .map(|taken| Mistake {
                parameter: taken.name.to_owned(),
                message: Text::new(
                    format!("必填：{}", taken.about[0]),
                    format!("required: {}", taken.about[1]),
                ),
            })
            .collect();
        read.mistakes.extend(missing);
        let named = read.value("format").map(str::to_owned);
        let format = operation
            .formats
            .iter()
            .find(|format| Some(format.word()) == named.as_deref());
        read.format = format.copied().unwrap_or(read.format);
        read
    }

    /// What is wrong with a parameter, whatever the project holds.
    fn mistake(&self, operation: &Operation, name: &str, value: &str) -> Option<Text> {
        let query = operation
            .takes
            .iter()
            .filter(|taken| taken.many != Many::Path);
        let Some(parameter) = query.clone().find(|taken| taken.name == name) else {
            let names: Vec<&str> = query.map(|taken| taken.name).collect();
            return Some(valid("参数", "parameter", name, &names));
        };
        if value.is_empty() {
            return Some(Text::new(
                "没有值；不用时请省略",
                "has no value: leave it out where it is not needed",
            ));
        }
        let before = self.pairs.iter().filter(|(known, _)| known == name);
        let one = parameter.many == Many::One;
        if one && before.clone().next().is_some() {
            return Some(Text::new("只能给一次", "may be given once"));
        }
        let mut given: Vec<&str> = before
            .flat_map(|(_, value)| values(parameter, value))
            .collect();
        for value in values(parameter, value) {
            if given.contains(&value) {
                return Some(Text::new(
                    format!("{value} 给了两次"),
                    format!("{value} is given twice"),
                ));
            }
            given.push(value);
        }
        values(parameter, value).find_map(|value| unlike(parameter, value))
    }

    /// The part of the path that names something.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The value of a parameter that takes one.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that takes several.
    pub(super) fn values(&self, name: &str) -> Vec<String> {
        let found = self.pairs.iter().filter(|(known, _)| known == name);
        found
            .flat_map(|(_, value)| value.split(','))
            .map(str::to_owned)
            .collect()
    }

    /// The language of an answer that has one.
    pub(super) fn language(&self) -> Language {
        match self.value("lang") {
            Some("en") => Language::En,
            _ => Language::Zh,
        }
    }

    /// Whether a CSV begins with a byte order mark.
    pub(super) fn bom(&self) -> bool {
        self.value("bom") != Some("0")
    }

    /// The figure that is asked for.
    pub(super) fn request(&self, indicator: &str) -> Request {
        let given = self.pairs.iter().filter(|(name, _)| name == "where");
        let filters = given.filter_map(|(_, value)| value.split_once('='));
        let filters = filters.map(|(dimension, codes)| {
            let codes = codes.split(',').map(str::to_owned);
            (dimension.to_owned(), codes.collect())
        });
        let compare = self.values("compare");
        let mut views = View::ALL.into_iter();
        let view = views.find(|view| Some(view.code()) == self.value("view"));
        Request {
            indicator: indicator.to_owned(),
            by: self.values("by"),
            filters: filters.collect(),
            period: self.value("period").map(str::to_owned),
            scope: self.value("scope").map(str::to_owned),
            compare: indicators::comparisons(compare.iter().map(String::as_str))
                .unwrap_or_default(),
            view: view.unwrap_or_default(),
        }
    }

    /// What `main` answers.
    ///
    /// # Errors
    /// Every mistake of the request: those seen without the app, and those of the parameters that it refuses, each tried alone.
    pub(super) fn answered<T>(
        &self,
        main: impl FnOnce() -> Result<T, Error>,
        alone: &[Trial<'_>],
    ) -> Result<T, Problem> {
        let mut first = None;
        if self.mistakes.is_empty() {
            match main() {
                Err(Error::Request(message)) => first = Some(message),
                other => return other.map_err(Problem::from),
            }
        }
        let mut mistakes = self.mistakes.clone();
        for (parameter, attempt) in alone {
            if let Err(Error::Request(message)) = attempt() {
                mistakes.push(Mistake {
                    parameter: (*parameter).to_owned(),
                    message,
                });
                // Nothing is right about a figure that is not there.
                if *parameter == "id" {
                    break;
                }
            }
        }
        if let Some(message) = first.filter(|_| mistakes.is_empty()) {
            mistakes.push(Mistake {
                parameter: String::new(),
                message,
            });
        }
        Err(Problem::bad_request(mistakes))
    }

    /// The parameters of a figure, each to be tried alone; as of `as_of` where that is right.
    pub(super) fn of_figure<'a>(
        &self,
        app: &'a App,
        request: &Request,
        as_of: Option<&str>,
    ) -> Vec<Trial<'a>> {
        let known = as_of.filter(|as_of| app.snapshot(Some(as_of)).is_ok());
        let known = known.map(str::to_owned);
        let base = Request {
            indicator: request.indicator.clone(),
            ..Request::default()
        };
        let asked = request.clone();
        let with = |name, change: fn(&mut Request, Request)| {
            let mut changed = base.clone();
            change(&mut changed, asked.clone());
            let known = known.clone();
            trial(name, move || app.figures(&changed, known.as_deref()))
        };
        let snapshot = as_of.map(str::to_owned);
        vec![
            with("id", |_, _| {}),
            with("period", |base, asked| base.period = asked.period),
            with("scope", |base, asked| base.scope = asked.scope),
            with("by", |base, asked| base.by = asked.by),
            with("where", |base, asked| base.filters = asked.filters),
            trial("as_of", move || app.snapshot(snapshot.as_deref())),
        ]
    }
}

/// The values in one value.
fn values<'a>(parameter: &Parameter, value: &'a str) -> impl Iterator<Item = &'a str> {
    let several = parameter.many == Many::Commas;
    let end = if several { usize::MAX } else { 1 };
    value.splitn(end, ',')
}

/// What is wrong with a value, whatever the project holds.
fn unlike(parameter: &Parameter, value: &str) -> Option<Text> {
    match parameter.form {
        Form::Words(words) => {
            let words = words();
            let known = words.contains(&value);
            (!known).then(|| valid("取值", "value", value, &words))
        }
        Form::Codes(_) => value
            .is_empty()
            .then(|| Text::new("逗号之间没有代码", "there is no code between two commas")),
        Form::Text { is, examples, .. } => (!is(value)).then(|| {
            Text::new(
                format!("不能是“{value}”；例如: {}", examples.join("、")),
                format!(
                    "cannot be \"{value}\"; for example: {}",
                    examples.join(", ")
                ),
            )
        }),
    }
}

fn valid(zh: &str, en: &str, found: &str, known: &[&str]) -> Text {
    match known {
        [] => Text::new(
            format!("没有{zh} {found}；这里不带参数"),
            format!("there is no {en} {found}: none is taken here"),
        ),
        known => Text::new(
            format!("没有{zh} {found}；可用: {}", known.join("、")),
            format!("there is no {en} {found}; valid: {}", known.join(", ")),
        ),
    }
}

/// The form a reader's program accepts: the first of ours that it names, else the first. Whoever accepts none of them gets that
/// one too rather than nothing.
fn accepted(operation: &Operation, headers: &HeaderMap) -> Format {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let accept = accept.unwrap_or_default();
    let kind = |format: &&Format| {
        let media = format.media_type().split(';').next().unwrap_or_default();
        accept.contains(media)
    };
    let named = operation.formats.iter().find(kind);
    named.copied().unwrap_or(operation.formats[0])
}
