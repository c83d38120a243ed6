fn main() {
    use polars::prelude::*;
    let df = df!("a" => [1i64, 2], "d" => ["x", "y"]).unwrap();
    let mut ctx = polars::sql::SQLContext::new();
    ctx.register("t", df.lazy());
    println!(
        "{}",
        ctx.execute("SELECT d, SUM(a) AS v FROM t GROUP BY d")
            .unwrap()
            .collect()
            .unwrap()
    );
}
