//! NOTE to the engineer of presentation, from the founder (00:28): src/server and tests/it/server.rs are now written in main
//! by me. Please leave them, and finish in this order, committing after each: (1) commit what you have now; (2) stylesheet,
//! overview page model + template + texts; (3) the district chart (wide and phone); (4) screenshots and polish.
//! Needed from you: `pub fn presentation::pages::overview(...) -> String` taking plain values (Tables, Freshness, Programme,
//! Language, period/scope choices, `synthetic`), and `presentation::charts::districts(table, programme, language, width) -> String`.
//! Hard stop for everything: 01:00 UTC (see `date`). Do not commit this file.
