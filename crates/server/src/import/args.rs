//! What `btrdb-local import` is told.

use std::path::PathBuf;

use crate::place::{ApiKey, Destination};

/// Stores the rows of CSV, Parquet and Arrow files as points of streams.
///
/// Every column of numbers becomes a stream, or those that a mapping file names. Running the same import again stores
/// nothing twice, so an import that was interrupted is simply run again.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    /// Files to import, CSV, Parquet or Arrow: their content decides, not their name
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where the streams are
    #[command(flatten)]
    pub destination: Destination,
    /// The collection of the streams, such as grid/north, where the mapping file does not say; by default the name of
    /// the file without its ending
    #[arg(long, value_name = "PATH")]
    pub collection: Option<String>,
    /// A CSV file that says which columns become which streams, itself with the columns column, name and, as wanted,
    /// file, collection, unit, description, uuid
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// The API key of the server; by default that of the environment variable `BTRDB_API_KEY`
    #[arg(long, value_name = "KEY", conflicts_with = "data")]
    pub api_key: Option<ApiKey>,
    /// The column that says when; by default one called time, timestamp or t, else the first of timestamps
    #[arg(long, value_name = "NAME")]
    pub time_column: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        import: ImportArgs,
    }

    fn parse(line: &str) -> Result<ImportArgs, String> {
        let words = ["import"].into_iter().chain(line.split_whitespace());
        Command::try_parse_from(words).map(|command| command.import).map_err(|error| error.to_string())
    }

    #[test]
    fn takes_files_and_one_destination() {
        let args = parse("a.csv b.parquet --to localhost:4410 --api-key secret --time-column when").unwrap();
        assert_eq!(args.files, [PathBuf::from("a.csv"), PathBuf::from("b.parquet")]);
        assert_eq!(args.destination.to.as_deref(), Some("localhost:4410"));
        assert!(!format!("{args:?}").contains("secret"));
        assert_eq!(args.api_key.unwrap().into_inner(), "secret");
        assert!(parse("a.csv --data /var/lib/btrdb --map streams.csv --collection grid").is_ok());
        for line in ["--data d", "a.csv", "a.csv --to h:1 --data d", "a.csv --data d --api-key k"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
