//! A set as comma-separated values.

use std::io::Write;

use futures_core::Stream as Lines;
use futures_util::stream::{TryStreamExt, iter};
use futures_util::{StreamExt, pin_mut};

use super::StreamSet;
use super::names::TableOptions;
use super::records::Record;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Transport;

/// What separates values and lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Between two values. A comma by default.
    pub delimiter: char,
    /// After each line. A carriage return and a line feed by default.
    pub line_end: &'static str,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { delimiter: ',', line_end: "\r\n" }
    }
}

impl<T: Transport> StreamSet<T> {
    /// Writes the set as CSV: a header of `time` and the names, then a line for each row, times as integers of
    /// nanoseconds, nothing where a stream has nothing at that time. Memory holds one batch of each stream.
    ///
    /// # Errors
    /// As [`Self::values`]; `InvalidValue` where `out` cannot be written to.
    pub async fn to_csv(&self, options: &TableOptions, dialect: Dialect, out: &mut impl Write) -> Result<()> {
        let lines = self.csv_lines(options, dialect).await?;
        pin_mut!(lines);
        while let Some(line) = lines.next().await {
            let written = out.write_all(line?.as_bytes());
            written.map_err(|why| Error::new(ErrorKind::InvalidValue, format!("writing CSV: {why}")))?;
        }
        Ok(())
    }

    /// The lines that [`Self::to_csv`] writes, the header first, each with its end.
    ///
    /// # Errors
    /// `StreamNotFound`, or whatever keeps the server from answering; the lines end with an error if they do not come to
    /// their end.
    pub async fn csv_lines(
        &self,
        options: &TableOptions,
        dialect: Dialect,
    ) -> Result<impl Lines<Item = Result<String>> + use<T>> {
        let (keys, records) = self.records(options).await?;
        let header = line(std::iter::once("time".to_owned()).chain(keys), dialect);
        let lines = records.map_ok(move |Record { time, values }| {
            let values = values.into_iter().map(|value| value.map(|number| number.to_string()).unwrap_or_default());
            line(std::iter::once(time.to_string()).chain(values), dialect)
        });
        Ok(iter([Ok(header)]).chain(lines))
    }
}

fn line(cells: impl Iterator<Item = String>, dialect: Dialect) -> String {
    let mut line = String::new();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            line.push(dialect.delimiter);
        }
        if cell.contains(['"', '\r', '\n', dialect.delimiter]) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(&cell);
        }
    }
    line.push_str(dialect.line_end);
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = ["5", "", "a,b", "say \"so\"", "two\nlines"].map(str::to_owned);
        assert_eq!(line(cells.into_iter(), Dialect::default()), "5,,\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\r\n");
        let tabs = Dialect { delimiter: '\t', line_end: "\n" };
        assert_eq!(line(["1", "a,b"].map(str::to_owned).into_iter(), tabs), "1\ta,b\n");
    }
}
