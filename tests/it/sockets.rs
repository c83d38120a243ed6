//! Real connections: slow ones, kept ones, too many, and how serving ends.

use crate::server::app;
use crate::support::{Project, TODAY};
use dabiao::server::{Limits, Service};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A server over the samples in this process.
struct Served {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Served {
    fn new(limits: Limits) -> Self {
        let (project, _) = Project::samples();
        let service = Service::new(app(project), limits);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stopped = async {
                    let _ = stopped.await;
                };
                service.serve(listener, stopped).await;
            });
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    }

    /// Tells it to stop, and how long that took.
    fn stop(mut self) -> Duration {
        let begun = Instant::now();
        self.stop.take().unwrap().send(()).unwrap();
        self.thread.take().unwrap().join().unwrap();
        begun.elapsed()
    }
}

fn ask(stream: &mut TcpStream, path: &str, more: &str) {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\n{more}\r\n").unwrap();
}

/// The status and the body of the next answer.
fn answer(stream: &TcpStream) -> (u16, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap_or_else(|| panic!("{line:?}"));
    let status = status.parse().unwrap();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, body)
}

/// Whether the other side has ended the connection, and when.
fn ended_after(mut stream: TcpStream) -> Duration {
    let begun = Instant::now();
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    begun.elapsed()
}

#[test]
fn slow_and_idle_connections_are_ended_and_give_their_place_to_others() {
    let served = Served::new(Limits {
        head_time: Duration::from_millis(400),
        connections: 2,
        ..Limits::default()
    });
    let mut slow = served.connect();
    slow.write_all(b"GET /livez HTTP/1.1\r\nHost: he").unwrap();
    let mut idle = served.connect();
    ask(&mut idle, "/livez", "");
    assert_eq!(answer(&idle), (200, b"ok".to_vec()));
    // All places are taken: the third waits until one of them is given up.
    let mut third = served.connect();
    ask(&mut third, "/livez", "Connection: close\r\n");
    let waited = Instant::now();
    assert_eq!(answer(&third).0, 200);
    assert!(waited.elapsed() >= Duration::from_millis(200));
    for stream in [slow, idle] {
        assert!(ended_after(stream) < Duration::from_secs(10));
    }
    served.stop();
}

#[test]
fn a_connection_serves_many_and_refuses_what_is_no_request() {
    let served = Served::new(Limits::default());
    let mut stream = served.connect();
    for _ in 0..5 {
        ask(&mut stream, "/api/v1/snapshots", "");
        assert_eq!(answer(&stream).0, 200);
    }
    ask(&mut stream, &format!("/?x={}", "1".repeat(20_000)), "");
    assert_eq!(answer(&stream).0, 414);
    ask(
        &mut stream,
        "/livez",
        &format!("Cookie: {}\r\n", "1".repeat(40_000)),
    );
    assert_eq!(answer(&stream).0, 431);
    for garbage in [
        "\0\0\0\0\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "1".repeat(70_000)),
        format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200)),
        format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(200_000)),
    ] {
        let mut stream = served.connect();
        let _ = stream.write_all(garbage.as_bytes());
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.is_empty() || told.starts_with("HTTP/1.1 4"), "{told}");
    }
    let mut after = served.connect();
    ask(&mut after, "/livez", "");
    assert_eq!(answer(&after).0, 200, "it goes on");
    served.stop();
}

#[test]
fn requests_under_way_are_answered_before_it_ends_and_idle_connections_do_not_hold_it_up() {
    let served = Served::new(Limits::default());
    let mut idle = served.connect();
    ask(&mut idle, "/livez", "");
    assert_eq!(answer(&idle).0, 200);
    let mut asking = served.connect();
    let path = "/api/v1/indicators/trained_person_times/explain?records=all";
    ask(&mut asking, path, "");
    // It has arrived once the server counts it or has answered; what is sent before the stop is answered.
    std::thread::sleep(Duration::from_millis(100));
    let address = served.address;
    let stopping = std::thread::spawn(move || served.stop());
    let (status, body) = answer(&asking);
    assert_eq!(status, 200);
    assert!(body.ends_with(b"}\n"));
    assert!(stopping.join().unwrap() < Duration::from_secs(20));
    assert!(TcpStream::connect(address).is_err(), "nobody listens");
    ended_after(idle);
}

/// The real program, serving the samples.
struct Running {
    child: Child,
    address: String,
}

impl Running {
    fn new(more: &[&str]) -> Self {
        let (project, _) = Project::samples();
        let mut child = project
            .command(TODAY)
            .args(["serve", "--bind", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("http://")
            .and_then(|line| line.split('/').next());
        let address = address.unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, address }
    }

    /// Ends it as a supervisor does, and gives its log.
    fn end(mut self) -> String {
        let id = self.child.id().to_string();
        let told = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status();
        assert!(told.unwrap().success());
        let mut log = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut log).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{log}");
        log
    }
}

#[test]
fn every_request_is_one_line_of_the_log_in_both_forms() {
    let long = format!("/livez?x={}", "1".repeat(1000));
    let asked = [
        "/api/v1/indicators/women_share/data?period=2020",
        long.as_str(),
    ];
    let logs = [&[][..], &["--log-format", "json"]].map(|more| {
        let running = Running::new(more);
        for path in asked {
            let mut stream = TcpStream::connect(&running.address).unwrap();
            ask(&mut stream, path, "X-Request-Id: mine-1\r\n");
            assert_eq!(answer(&stream).0, 200);
        }
        running.end()
    });
    for log in &logs {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("mine-1")).collect();
        assert_eq!(lines.len(), asked.len(), "{log}");
        assert!(lines.iter().all(|line| line.len() < 800));
    }
    let told = logs[1]
        .lines()
        .find(|line| line.contains("mine-1"))
        .unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    for (name, value) in [
        ("level", "INFO"),
        ("method", "GET"),
        ("route", "/api/v1/indicators/{id}/data"),
        ("path", "/api/v1/indicators/women_share/data"),
        ("query", "period=2020"),
        ("id", "mine-1"),
        ("message", "request"),
    ] {
        assert_eq!(told[name], value, "{told}");
    }
    assert_eq!(told["status"], 200);
    assert!(told["bytes"].as_u64().unwrap() > 100);
}
