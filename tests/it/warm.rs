//! Answers made ahead: afterwards nothing of them is read again, readers meanwhile get right answers, and the serving process makes
//! them at its start and after a load.

use crate::support::{Project, Row, TODAY, csv};
use dabiao::app::{App, Error, Today};
use dabiao::indicators::table::Request;
use dabiao::presentation::encode::json;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const FILE: &str = "training__DP01__ALL__2020-05.csv";

/// Records `from` to `to` of several units, levels and months.
fn rows(from: u32, to: u32) -> String {
    let rows: Vec<Row> = (from..to)
        .map(|number| Row {
            division: ["220102", "220103", "220104"][number as usize % 3].to_owned(),
            level: ["初级工", "中级工"][number as usize % 2],
            end: format!("2020-{:02}-20", 5 + number % 4),
            ..Row::new(number)
        })
        .collect();
    csv(&rows)
}

fn open(project: &Project) -> App {
    let today = Today::Day(TODAY.parse().expect("a day"));
    App::open(&project.root(), None, today).expect("the project opens")
}

fn request(indicator: &str, by: &[&str]) -> Request {
    Request {
        indicator: indicator.to_owned(),
        by: by.iter().map(|name| (*name).to_owned()).collect(),
        ..Request::default()
    }
}

fn said(app: &App, request: &Request) -> String {
    json::json(&app.figures(request, None).expect("an answer"))
}

#[test]
fn what_was_made_ahead_is_not_read_again() {
    let project = Project::new();
    assert!(matches!(open(&project).page_requests(), Err(Error::Empty)));
    assert!(matches!(open(&project).warm(&[]), Err(Error::Empty)));
    project.put(FILE, rows(1, 60));
    project.ingest(0);

    let app = open(&project);
    let mut requests = app.page_requests().expect("requests");
    // The questions of all pages, each once.
    let count = requests.len();
    assert!(count > 40, "{count}");
    for asked in [
        request("trained_person_times", &["division"]),
        request("trained_person_times", &["month"]),
        request("skilled_ratio", &[]),
    ] {
        assert!(requests.contains(&asked), "{asked:?}");
    }
    requests.push(request("nothing", &[]));
    let fresh = open(&project);
    // A breakdown nobody asked for yet, of facts that are in memory now.
    let by_level = request("trained_person_times", &["level"]);
    let expected: Vec<String> = requests[..count]
        .iter()
        .chain([&by_level])
        .map(|request| said(&fresh, request))
        .collect();

    let warmed = app.warm(&requests).expect("it has a snapshot");
    assert_eq!(warmed.answered, count);
    let [(failed, error)] = &warmed.failed[..] else {
        panic!("{:?}", warmed.failed);
    };
    assert_eq!(failed.indicator, "nothing");
    assert!(matches!(error, Error::Request(_)));
    // With the published records gone, what was made ahead is still there, and nothing else is.
    fs::remove_dir_all(project.root().join("lake/tables/training")).expect("it goes away");
    for (request, expected) in requests[..count].iter().chain([&by_level]).zip(&expected) {
        assert_eq!(&said(&app, request), expected);
    }
    let unread = request("safety_person_times", &[]);
    assert!(app.figures(&unread, None).is_err());
    assert!(open(&project).figures(&by_level, None).is_err());
}

#[test]
fn who_asks_while_answers_are_made_gets_the_same() {
    let project = Project::new();
    project.put(FILE, rows(1, 200));
    project.ingest(0);
    let fresh = open(&project);
    let asked: Vec<Request> = [
        "trained_person_times",
        "trained_persons",
        "certification_rate",
    ]
    .into_iter()
    .flat_map(|indicator| {
        [
            &["division"][..],
            &["month"],
            &["level"],
            &["division", "level"],
        ]
        .map(|by| request(indicator, by))
    })
    .collect();
    let expected: Vec<String> = asked.iter().map(|request| said(&fresh, request)).collect();
    for _ in 0..4 {
        let app = open(&project);
        std::thread::scope(|scope| {
            let warming = scope.spawn(|| app.warm(&asked).expect("a snapshot").answered);
            for turn in 0..3 {
                let (app, asked, expected) = (&app, &asked, &expected);
                scope.spawn(move || {
                    for at in 0..asked.len() {
                        let at = (at + 4 * turn) % asked.len();
                        assert_eq!(said(app, &asked[at]), expected[at]);
                    }
                });
            }
            assert_eq!(warming.join().expect("no panic"), asked.len());
        });
    }
}

/// A serving process, stopped at the end.
struct Served {
    child: Child,
    address: String,
    log: Receiver<String>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().expect("it runs until it is told to stop");
        self.child.wait().expect("it ends");
    }
}

impl Served {
    fn new(project: &Project) -> Self {
        let mut command = project.command(TODAY);
        command
            .args(["serve", "--bind", "127.0.0.1:0"])
            .env("RUST_LOG", "info")
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut first = String::new();
        let out = child.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut first).expect("a line");
        let address = first
            .strip_prefix("http://")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_else(|| panic!("an address, not {first}"))
            .to_owned();
        let (sender, log) = channel();
        let err = child.stderr.take().expect("a pipe");
        std::thread::spawn(move || {
            for line in BufReader::new(err).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            address,
            log,
        }
    }

    /// Waits for a line of the log with these words.
    fn logged(&self, words: &[&str]) -> String {
        let mut seen = Vec::new();
        loop {
            match self.log.recv_timeout(Duration::from_secs(60)) {
                Ok(line) if words.iter().all(|word| line.contains(word)) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("{error}; no line with {words:?} in {seen:#?}"),
            }
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let head = format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

#[test]
fn a_serving_process_makes_answers_at_its_start_and_after_a_load() {
    let project = Project::new();
    let config = project.root().join("dabiao.toml");
    let text = fs::read_to_string(&config).expect("the project's file");
    // A load every second instead of every night.
    let often = text.replace("nightly = \"0 2 * * *\"", "nightly = \"* * * * * *\"");
    assert_ne!(text, often);
    fs::write(&config, often).expect("it can be written");
    project.put(FILE, rows(1, 60));
    let first = project.ingest(0)["snapshot"].to_string();
    let served = Served::new(&project);
    let line = served.logged(&["answers made ahead", "answers="]);
    assert!(line.contains(first.trim_matches('"')), "{line}");
    project.put("training__DP01__ALL__2020-06.csv", rows(60, 63));
    let line = served.logged(&["answers made ahead", "answers="]);
    let second = open(&project).snapshot(None).expect("a snapshot");
    assert!(line.contains(second.id().as_str()), "{line}");
    assert_ne!(second.id().as_str(), first.trim_matches('"'));
    // The newest snapshot needs no file of records any more.
    fs::remove_dir_all(project.root().join("lake/tables/training")).expect("it goes away");
    let answer = served.get("/api/v1/indicators/trained_person_times/data?by=division");
    assert!(answer.contains("200 OK"), "{answer}");
    assert!(answer.contains("\"value\": 62"), "{answer}");
    let answer = served.get("/api/v1/indicators/safety_person_times/data");
    assert!(!answer.contains("200 OK"), "{answer}");
}
