#[test]
fn a_dry_run_of_the_samples_shows_its_effect() {
    let project = Project::new();
    project.copy_samples();
    let lake = project.root().join("lake");
    // The first run makes the key and the empty lake.
    project.run(&["snapshots"]);
    let before = tree(&lake);
    let dry = project
        .run(&["ingest", "--dry-run", "--format", "json"])
        .json(3);
    let names = |tree: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<String> {
        let data = tree.keys().filter(|name| {
            name.contains(".parquet") || name.contains("archive/") || name.contains("_delta_log")
        });
        data.cloned().collect()
    };
    assert_eq!(names(&tree(&lake)), names(&before), "no data file is left");
    assert!(
        array(&project.run(&["snapshots", "--format", "json"]).json(0)["snapshots"]).is_empty()
    );
    assert!(
        !project.inbox().join("returned").exists(),
        "no receipts either"
    );
    let trained = &array(&dry["effect"])[0];
    assert_eq!(
        (text(&trained["indicator"]), text(&trained["after"])),
        ("trained_person_times", "187")
    );
    let real = project.ingest(3);
    assert_eq!(dry["files"], real["files"]);
    assert_eq!(dry["totals"], real["totals"]);
}
