//! How quickly files come in and go out, and what the store occupies then.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    rows::Rows,
    running::{Server, btrdb_local, run, size},
};

/// The day of ground motion that ships with the project.
pub(crate) fn recording() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/undervolc_seismic/uv05_hhz_day.parquet")
}

/// Points of the recording that are not null.
pub(crate) const RECORDED: f64 = 8_640_000.0;

/// PMUs of the simulation, with 14 streams each, and how long it lasts.
const PMUS: &str = "2";
const DURATION: &str = "1h";

pub(crate) async fn measure(folder: &Path, rows: &mut Rows) {
    std::fs::create_dir_all(folder).unwrap();
    let seismic = folder.join("seismic");
    let began = Instant::now();
    run(btrdb_local().arg("import").arg(recording()).arg("--data").arg(&seismic));
    rows.ours("import of Parquet, ground motion", "rows_per_s", vec![RECORDED / began.elapsed().as_secs_f64()]);
    room(&seismic, RECORDED, "ground motion, 1,000,000 points a call", rows);

    let calls = folder.join("seismic-50k");
    let server = Server::start(&calls);
    run(btrdb_local().arg("import").arg(recording()).args(["--to", &server.address]));
    server.stop();
    room(&calls, RECORDED, "ground motion, 50,000 points a call", rows);

    for (name, round) in [("phasors, all bits", None), ("phasors, rounded to 1e-4", Some("4"))] {
        let data = phasors(folder, round.is_some());
        let mut simulate = btrdb_local();
        simulate.args(["simulate", "--pmus", PMUS, "--rate", "120", "--duration", DURATION, "--data"]).arg(&data);
        simulate.args(round.map(|decimals| ["--round", decimals]).into_iter().flatten());
        let began = Instant::now();
        run(&mut simulate);
        let elapsed = began.elapsed().as_secs_f64();
        let server = Server::start(&data);
        let points = count(&server).await;
        server.stop();
        rows.ours(&format!("simulate, {name}"), "points_per_s", vec![points / elapsed]);
        room(&data, points, name, rows);
    }
}

/// Where the simulated phasors are.
pub(crate) fn phasors(folder: &Path, is_rounded: bool) -> PathBuf {
    folder.join(if is_rounded { "phasors-rounded" } else { "phasors" })
}

async fn count(server: &Server) -> f64 {
    let connection = server.connect().await;
    let lookup = btrdb_client::Lookup { is_prefix: true, ..Default::default() };
    let mut count = 0;
    for stream in connection.streams_in_collection(&lookup).await.unwrap() {
        let all = stream.aligned_windows(btrdb_core::TimeRange::ALL, btrdb_core::PointWidth::ALL, 0).await.unwrap();
        count += all.data.iter().map(|window| window.count).sum::<u64>();
    }
    count as f64
}

fn room(data: &Path, points: f64, case: &str, rows: &mut Rows) {
    rows.ours(case, "uncompacted_bytes_per_point", vec![size(data) as f64 / points]);
    run(btrdb_local().arg("compact").arg("--data").arg(data));
    rows.ours(case, "bytes_per_point", vec![size(data) as f64 / points]);
}
