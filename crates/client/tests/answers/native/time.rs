//! Times and point widths, for which nobody is asked.

use std::time::{SystemTime, UNIX_EPOCH};

use btrdb_client::time::{
    DateTime, Delta, datetime_to_ns, ns_delta, ns_to_datetime, to_nanoseconds, whole_nanoseconds,
};
use btrdb_client::{Error, ErrorKind, Result, native, point_width};
use serde_json::{Value, json};

use super::args::{Args, number};
use super::show::integer;

pub(super) fn run(does: &str, args: Args<'_>) -> Result<Value> {
    Ok(match does {
        "to_nanoseconds" => integer(match (args.text("text"), args.text("int"), args.text("float")) {
            (Some(text), _, _) => to_nanoseconds(text)?,
            (_, Some(text), _) => text.parse().unwrap(),
            (_, _, float) => whole_nanoseconds(number(float.unwrap()))?,
        }),
        "datetime_to_ns" => {
            let fields = args.texts("utc");
            let field = |place: usize| fields[place].parse::<i32>().unwrap();
            integer(datetime_to_ns(&DateTime {
                year: field(0),
                month: field(1) as u8,
                day: field(2) as u8,
                hour: field(3) as u8,
                minute: field(4) as u8,
                second: field(5) as u8,
                nanosecond: field(6) as u32 * 1_000_000,
            })?)
        }
        "ns_to_datetime" => ns_to_datetime(args.integer("ns").unwrap()).to_string().into(),
        "ns_delta" => {
            let count = |unit: &str| args.text(unit).map_or(0.0, number);
            let nanoseconds = args.text("nanoseconds").unwrap_or("0").parse();
            let nanoseconds =
                nanoseconds.map_err(|_a_fraction| Error::new(ErrorKind::InvalidType, "nanoseconds are whole"))?;
            integer(ns_delta(&Delta {
                days: count("days"),
                hours: count("hours"),
                minutes: count("minutes"),
                seconds: count("seconds"),
                milliseconds: count("milliseconds"),
                microseconds: count("microseconds"),
                nanoseconds,
            })?)
        }
        "currently_as_ns" => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as i64;
            ((native::currently_as_ns() - now).abs() < 60_000_000_000).into()
        }
        "from_nanoseconds" => integer(point_width::from_nanoseconds(args.integer("ns").unwrap()).exponent()),
        "describe" => point_width::describe(args.point_width("pointwidth")?).into(),
        "for_aligned_windows" => {
            let windows = point_width::for_aligned_windows(args.point_width("pointwidth")?, args.range()?);
            json!([integer(windows.first), integer(windows.last), integer(windows.count)])
        }
        other => panic!("times do not {other}"),
    })
}
