//! Pictures to look at: of the hand-made tables, and of a loaded project where one is named.

use super::{LANGUAGES, samples};
use crate::presentation::sample;
use dabiao::analysis::Pace;
use dabiao::app::{App, Today};
use dabiao::indicators::table::{Request, Table};
use dabiao::presentation::charts::{self, Chart, Courses, Cumulative, Width, png};
use dabiao::programme::Language;
use std::path::{Path, PathBuf};

const WIDTHS: [(Width, &str); 4] = [
    (Width::Wide, "wide"),
    (Width::Major, "major"),
    (Width::Half, "half"),
    (Width::Phone, "phone"),
];

fn write(folder: &Path, name: &str, chart: impl Fn(Language, Width) -> Chart) {
    for language in LANGUAGES {
        for (width, size) in WIDTHS {
            let begun = std::time::Instant::now();
            let chart = chart(language, width);
            let svg = chart.svg("chart", name);
            println!(
                "{name} {language:?} {size}: {:?}, {} bytes",
                begun.elapsed(),
                svg.len()
            );
            let path = folder.join(format!("{name}_{language:?}_{size}"));
            std::fs::write(path.with_extension("svg"), &svg).unwrap();
            std::fs::write(path.with_extension("txt"), &chart.summary).unwrap();
            std::fs::write(path.with_extension("png"), png(&svg, 2.0).unwrap()).unwrap();
        }
    }
}

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("DABIAO_CHARTS").map(PathBuf::from)?;
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

/// Writes the hand-made charts as PNG, SVG and sentence where `DABIAO_CHARTS` names a folder.
#[test]
fn charts_can_be_looked_at() {
    let Some(folder) = folder() else {
        return;
    };
    for (name, chart) in samples::all() {
        write(&folder, &name.replace(' ', "_"), chart);
    }
}

/// Writes the charts of the project that `DABIAO_CHARTS_PROJECT` names.
#[test]
fn charts_of_a_project_can_be_looked_at() {
    let (Some(folder), Some(project)) = (folder(), std::env::var_os("DABIAO_CHARTS_PROJECT"))
    else {
        return;
    };
    let app = App::open(Path::new(&project), None, Today::Clock).unwrap();
    let query = |indicator: &str, by: &[&str], period: &str| -> Table {
        let request = Request {
            indicator: indicator.to_owned(),
            by: by.iter().map(ToString::to_string).collect(),
            period: Some(period.to_owned()),
            ..Request::default()
        };
        (*app.figures(&request, None).unwrap()).clone()
    };
    let standing = app.targets(None).unwrap();
    let targets: Vec<_> = standing
        .targets
        .iter()
        .map(|held| held.target.clone())
        .collect();
    let city: Vec<_> = targets
        .iter()
        .filter(|target| target.unit_kind == "city")
        .cloned()
        .collect();
    let programme = sample::programme();
    let pace = Pace::of(programme);
    for period in ["2019..2021", "2020", "2021"] {
        let table = query("trained_person_times", &["month"], period);
        let curve = Cumulative::of(&table, &city, &pace, standing.day, programme).unwrap();
        write(
            &folder,
            &format!("cumulative_{}", period.replace("..", "-")),
            |language, width| curve.chart(language, width),
        );
    }
    for period in ["2019..2021", "2021"] {
        let name = period.replace("..", "-");
        let units = query("trained_person_times", &["division"], period);
        write(&folder, &format!("map_{name}"), |language, width| {
            charts::tile_map(&units, programme, language, width)
        });
        let table = query("trained_person_times", &["division", "month"], period);
        let courses = Courses {
            table: &table,
            units: &units,
            targets: &targets,
            pace: &pace,
            day: standing.day,
            programme,
        };
        write(&folder, &format!("multiples_{name}"), |language, width| {
            charts::small_multiples(&courses, language, width)
        });
        let course = &courses.all()[0];
        let spark = charts::sparkline(&course.points, &course.pace);
        std::fs::write(folder.join("spark.svg"), &spark).unwrap();
        std::fs::write(folder.join("spark.png"), png(&spark, 8.0).unwrap()).unwrap();
    }
    for by in ["quarter", "year"] {
        let table = query("skilled_ratio", &[by], "2019..2021");
        write(&folder, &format!("trend_{by}"), |language, width| {
            charts::trend(&table, standing.day, language, width).unwrap()
        });
    }
}
