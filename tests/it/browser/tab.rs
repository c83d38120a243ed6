//! One page of the browser: what a reader does to it, and what it complains of.

use super::chromium::{Chromium, PATIENCE};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// Runs in every document before its own script.
const WATCH: &str = r#"
window.told = { shifts: 0, policy: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.told.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
document.addEventListener("securitypolicyviolation", (event) => {
  window.told.policy.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"#;

/// What a page is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Medium {
    /// A screen that prefers light.
    Light,
    /// A screen that prefers dark.
    Dark,
    /// Paper.
    Print,
}

/// A page of the browser.
pub(crate) struct Tab {
    browser: &'static Chromium,
    session: String,
    context: String,
    inbox: Receiver<Value>,
    /// Events in the order in which they came.
    events: RefCell<Vec<Value>>,
}

impl Drop for Tab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.browser.close(&self.session, &self.context);
        }
    }
}

impl Tab {
    pub(super) fn new(
        browser: &'static Chromium,
        session: String,
        context: String,
        inbox: Receiver<Value>,
    ) -> Self {
        let tab = Self {
            browser,
            session,
            context,
            inbox,
            events: RefCell::default(),
        };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            tab.call(&format!("{domain}.enable"), &json!({}));
        }
        tab.before_every_page(WATCH);
        tab
    }

    /// A command to this page, and its answer.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let message = self.ask(method, params);
        assert!(message["error"].is_null(), "{method}: {message}");
        message["result"].clone()
    }

    /// A command to this page, and its answer or what is wrong with it.
    fn ask(&self, method: &str, params: &Value) -> Value {
        let id = self.browser.send(Some(&self.session), method, params);
        loop {
            let message = self
                .inbox
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("{method}: {error}"));
            if message["id"] == id {
                return message;
            }
            self.events.borrow_mut().push(message);
        }
    }

    /// Runs a script in every document from now on, before its own.
    pub(crate) fn before_every_page(&self, script: &str) {
        self.call(
            "Page.addScriptToEvaluateOnNewDocument",
            &json!({ "source": script }),
        );
    }

    /// What an expression gives, once its promise is kept.
    pub(crate) fn eval(&self, expression: &str) -> Value {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let done = self.call("Runtime.evaluate", &params);
        let failed = &done["exceptionDetails"];
        assert!(failed.is_null(), "{expression:.200}: {failed}");
        done["result"]["value"].clone()
    }

    /// What a function of the page gives for a value.
    pub(crate) fn apply(&self, function: &str, to: &Value) -> Value {
        self.eval(&format!("({function})({to})"))
    }

    /// Leads to an address, and waits until the page stands.
    pub(crate) fn open(&self, address: &str) {
        let answer = self.arrive(|| {
            self.call("Page.navigate", &json!({ "url": address }));
        });
        assert!(answer.is_null(), "{address}: {answer}");
    }

    /// Does what leads to another page, and waits until that stands.
    pub(crate) fn arrive(&self, act: impl FnOnce()) -> Value {
        self.events
            .borrow_mut()
            .retain(|event| event["method"] != "Page.loadEventFired");
        act();
        self.wait("Page.loadEventFired");
        Value::Null
    }

    fn wait(&self, method: &str) {
        let has_come = |events: &[Value]| events.iter().any(|event| event["method"] == method);
        while !has_come(&self.events.borrow()) {
            let message = self
                .inbox
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("{method}: {error}"));
            self.events.borrow_mut().push(message);
        }
    }

    /// Waits until an expression is true; while one page makes way for another, nothing is.
    pub(crate) fn until(&self, expression: &str) {
        let start = Instant::now();
        let params =
            json!({ "expression": format!("Boolean({expression})"), "returnByValue": true });
        while self.ask("Runtime.evaluate", &params)["result"]["result"]["value"] != true {
            assert!(start.elapsed() < PATIENCE, "never: {expression}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The width of the screen, in pixels of the stylesheet.
    pub(crate) fn resize(&self, width: u32) {
        let params =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &params);
    }

    /// What the page is shown on.
    pub(crate) fn show_on(&self, medium: Medium) {
        let (media, scheme) = match medium {
            Medium::Light => ("screen", "light"),
            Medium::Dark => ("screen", "dark"),
            Medium::Print => ("print", "light"),
        };
        self.prefer(media, &[("prefers-color-scheme", scheme)]);
    }

    /// The medium with what its reader prefers.
    pub(crate) fn prefer(&self, media: &str, features: &[(&str, &str)]) {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({ "media": media, "features": features }),
        );
    }

    /// Whether scripts of the page run from its next document on.
    pub(crate) fn scripts(&self, run: bool) {
        self.call(
            "Emulation.setScriptExecutionDisabled",
            &json!({ "value": !run }),
        );
    }

    /// Presses a key and lets it go.
    pub(crate) fn press(&self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Escape" => ("Escape", 27, ""),
            "ArrowDown" => ("ArrowDown", 40, ""),
            " " => ("Space", 32, " "),
            "/" => ("Slash", 191, "/"),
            "]" => ("BracketRight", 221, "]"),
            "[" => ("BracketLeft", 219, "["),
            other => panic!("the key {other} is not known here"),
        };
        let event = |kind: &str| {
            let mut event = json!({
                "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number
            });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            event
        };
        let down = if text.is_empty() {
            "rawKeyDown"
        } else {
            "keyDown"
        };
        self.call("Input.dispatchKeyEvent", &event(down));
        self.call("Input.dispatchKeyEvent", &event("keyUp"));
    }

    /// Clicks in the middle of what a selector finds first.
    pub(crate) fn click(&self, selector: &str) {
        let at = self.apply(
            r#"(selector) => {
              const found = document.querySelector(selector);
              found.scrollIntoView({ block: "center", behavior: "instant" });
              const box = found.getClientRects()[0];
              return [box.x + box.width / 2, box.y + box.height / 2];
            }"#,
            &selector.into(),
        );
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Writes a picture of the whole page.
    pub(crate) fn photograph(&self, path: &Path) {
        let size = self
            .eval("[document.documentElement.clientWidth, document.documentElement.scrollHeight]");
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1 });
        let params = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
        let shot = self.call("Page.captureScreenshot", &params);
        write(path, &shot["data"]);
    }

    /// Writes the page as it is printed.
    pub(crate) fn print(&self, path: &Path) {
        let params = json!({ "preferCSSPageSize": true, "printBackground": true });
        let printed = self.call("Page.printToPDF", &params);
        write(path, &printed["data"]);
    }

    /// What the page complained of since it was asked last, and what of it came from elsewhere than `origin`.
    pub(crate) fn complaints(&self, origin: &str) -> Vec<String> {
        let told = self.eval("[location.href, window.told]");
        let events = std::mem::take(&mut *self.events.borrow_mut());
        let mut found: Vec<String> = events
            .iter()
            .filter_map(|event| complaint(event, origin))
            .collect();
        for violation in told[1]["policy"].as_array().into_iter().flatten() {
            found.push(format!("policy: {violation}"));
        }
        let shifts = told[1]["shifts"].as_f64().unwrap_or_default();
        if shifts > 0.0 {
            found.push(format!("the layout shifted by {shifts}"));
        }
        found
            .iter()
            .map(|what| format!("{}: {what}", told[0]))
            .collect()
    }
}

/// What an event complains of.
fn complaint(event: &Value, origin: &str) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" | "Audits.issueAdded" => Some(event.to_string()),
        "Runtime.consoleAPICalled" => Some(format!("console: {}", params["args"])),
        "Log.entryAdded" => Some(format!("log: {}", params["entry"])),
        "Network.requestWillBeSent" => {
            let address = params["request"]["url"].as_str()?;
            let is_own = address.starts_with(origin) || address.starts_with("data:");
            (!is_own).then(|| format!("asked {address}"))
        }
        "Network.responseReceived" => {
            let response = &params["response"];
            let status = response["status"].as_u64()?;
            (status >= 400).then(|| format!("{status} for {}", response["url"]))
        }
        "Network.loadingFailed" if params["canceled"] != true => Some(event.to_string()),
        _ => None,
    }
}

fn write(path: &Path, encoded: &Value) {
    let bytes = base64(encoded.as_str().expect("bytes as text"));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("it can be written");
}

/// Bytes from their text of base 64.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("{other} is no digit of base 64"),
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    bytes
}
