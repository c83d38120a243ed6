//! Debian's `chromium`, driven over the DevTools protocol on a pipe: JSON messages with a zero byte after each.

use super::tab::Tab;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// How long an answer may take on a machine that is busy with all other tests.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Programs that will do, the first one found is taken.
const PROGRAMS: [&str; 2] = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
/// What is installed where there is none.
const PACKAGES: [&str; 2] = ["chromium", "fonts-noto-cjk"];
const NO_PAGE: &str = "";

/// A running browser; it ends when the pipe does, that is with the tests.
pub(crate) struct Chromium {
    pipe: Mutex<ChildStdin>,
    sessions: Mutex<HashMap<String, Sender<Value>>>,
    own: Mutex<Receiver<Value>>,
    next: AtomicU64,
}

/// The browser of all tests; `None`, with the reason printed, where there is none to be had.
pub(crate) fn chromium() -> Option<&'static Chromium> {
    static SHARED: OnceLock<Option<&'static Chromium>> = OnceLock::new();
    *SHARED.get_or_init(|| match program() {
        Ok(program) => Some(Chromium::start(program)),
        Err(why) => {
            say(&format!("tests in the browser are skipped: {why}"));
            None
        }
    })
}

/// Past the harness, which keeps what passing tests print to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The browser's program, installed first where it is absent and can be.
fn program() -> Result<&'static str, String> {
    let found = || PROGRAMS.into_iter().find(|path| Path::new(path).exists());
    if let Some(program) = found() {
        return Ok(program);
    }
    if !is_root() || !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!(
            "no {}, and only root can install it with apt-get",
            PROGRAMS[0]
        ));
    }
    say(&format!("apt-get install {}", PACKAGES.join(" ")));
    for arguments in [
        &["update"][..],
        &["install", "-y", "--no-install-recommends"][..],
    ] {
        let packages: &[&str] = match arguments.len() {
            1 => &[],
            _ => &PACKAGES,
        };
        let done = Command::new("apt-get")
            .args(arguments)
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .output()
            .map_err(|error| format!("apt-get does not run: {error}"))?;
        if !done.status.success() {
            return Err(String::from_utf8_lossy(&done.stderr).into_owned());
        }
    }
    found().ok_or_else(|| "apt-get installed no browser".to_owned())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

impl Chromium {
    fn start(program: &str) -> &'static Self {
        let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join("chromium");
        let _ = fs::remove_dir_all(&profile);
        // The browser reads file 3 and writes file 4: the shell puts our pipe there.
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#,
                program,
            ])
            .args([
                "--headless",
                "--remote-debugging-pipe",
                "--no-first-run",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--lang=zh-CN",
            ])
            .arg(format!("--user-data-dir={}", profile.display()));
        if is_root() {
            command.arg("--no-sandbox");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        let (sender, own) = channel();
        let browser: &'static Self = Box::leak(Box::new(Self {
            pipe: Mutex::new(child.stdin.take().expect("it is piped")),
            sessions: Mutex::new(HashMap::from([(NO_PAGE.to_owned(), sender)])),
            own: Mutex::new(own),
            next: AtomicU64::new(1),
        }));
        let output = child.stdout.take().expect("it is piped");
        std::thread::spawn(move || {
            browser.listen(output);
            let _ = child.wait();
        });
        browser
    }

    /// Hands every message to the session it is for.
    fn listen(&self, output: ChildStdout) {
        for message in BufReader::new(output).split(0) {
            let Ok(message) = message else { break };
            let message: Value = serde_json::from_slice(&message).expect("the browser writes JSON");
            let session = message["sessionId"].as_str().unwrap_or(NO_PAGE);
            if let Some(inbox) = self.sessions.lock().unwrap().get(session) {
                let _ = inbox.send(message);
            }
        }
        // Whoever still waits is told by the closed channel.
        self.sessions.lock().unwrap().clear();
    }

    /// Sends a command; the number its answer will carry.
    pub(super) fn send(&self, session: Option<&str>, method: &str, params: &Value) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message).expect("it is JSON");
        bytes.push(0);
        let mut pipe = self.pipe.lock().unwrap();
        pipe.write_all(&bytes).expect("the browser runs");
        pipe.flush().expect("the browser runs");
        id
    }

    /// A command to the browser itself, and its answer.
    fn ask(&self, method: &str, params: &Value) -> Value {
        let own = self.own.lock().unwrap();
        let id = self.send(None, method, params);
        loop {
            let message = own
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("{method}: {error}"));
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    /// An empty page that shares nothing with others.
    pub(crate) fn tab(&'static self) -> Tab {
        let context = self.ask("Target.createBrowserContext", &json!({}));
        let context = text(&context["browserContextId"]);
        let target = self.ask(
            "Target.createTarget",
            &json!({ "url": "about:blank", "browserContextId": context }),
        );
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = text(&self.ask("Target.attachToTarget", &target)["sessionId"]);
        // Nothing is sent to a session that asked for nothing yet.
        let (sender, inbox) = channel();
        self.sessions
            .lock()
            .unwrap()
            .insert(session.clone(), sender);
        Tab::new(self, session, context, inbox)
    }

    /// Closes a page with all it kept.
    pub(super) fn close(&self, session: &str, context: &str) {
        self.sessions.lock().unwrap().remove(session);
        self.send(
            None,
            "Target.disposeBrowserContext",
            &json!({ "browserContextId": context }),
        );
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("the browser names it").to_owned()
}
