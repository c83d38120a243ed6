//! A project served on a port of its own, for as long as the tests run.

use crate::support::{Project, TODAY};
use dabiao::app::{App, Today};
use dabiao::server::{Limits, Service};
use std::future::pending;
use std::sync::OnceLock;

/// A served project.
pub(crate) struct Site {
    /// Where it is served: scheme, host and port.
    pub(crate) origin: String,
    /// Its app, for what tests ask it without a page.
    pub(crate) app: App,
}

impl Site {
    /// The project with every page, served once for all tests.
    pub(crate) fn nights() -> &'static Self {
        static SHARED: OnceLock<Site> = OnceLock::new();
        SHARED.get_or_init(|| Self::serve(Project::nights()))
    }

    /// Serves a project in process.
    pub(crate) fn serve(project: &Project) -> Self {
        let today = Today::Day(TODAY.parse().expect("a day"));
        let app = App::open(&project.root(), None, today).expect("the project opens");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("tokio asks for it");
        let origin = format!("http://{}", listener.local_addr().expect("it is bound"));
        let service = Service::new(app.clone(), Limits::default());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                service.serve(listener, pending()).await;
            });
        });
        Self { origin, app }
    }

    /// A whole address.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Every page by a name: the dashboards, profiles of a unit, and pages behind a figure.
    pub(crate) fn pages(&self) -> Vec<(String, String)> {
        let ids: Vec<&str> = self.app.dashboards().iter().map(|page| page.id()).collect();
        let mut pages = vec![(ids[0].to_owned(), "/".to_owned())];
        for id in &ids[1..] {
            pages.push(((*id).to_owned(), format!("/dashboards/{id}")));
        }
        let more = [
            ("profile", "/dashboards/division?division=220182"),
            ("overview-2020", "/?period=2020"),
            (
                "explain-count",
                "/explain/trained_person_times?where=division%3D220182&period=2020",
            ),
            ("explain-share", "/explain/skilled_ratio?period=2020"),
        ];
        pages.extend(more.map(|(name, path)| (name.to_owned(), path.to_owned())));
        pages
    }
}

/// The same page in a language.
pub(crate) fn spoken(path: &str, language: &str) -> String {
    match (language, path.contains('?')) {
        ("en", true) => format!("{path}&lang=en"),
        ("en", false) => format!("{path}?lang=en"),
        _ => path.to_owned(),
    }
}
