//! A set as text to be looked at.

use super::StreamSet;
use super::names::TableOptions;
use super::records::Records;
use crate::columns::Number;
use crate::error::Result;
use crate::text::six_digits;
use crate::transport::Transport;

/// How much wider than its name a column is at least.
const PADDING: usize = 2;

impl<T: Transport> StreamSet<T> {
    /// All rows as a table of plain text: names, a line, then numbers of six digits at most, their points one below the
    /// other.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub async fn to_table(&self, options: &TableOptions) -> Result<String> {
        Ok(text_table(&self.to_dict(options).await?))
    }
}

/// The layout that the Python package `tabulate` calls simple.
fn text_table(records: &Records) -> String {
    if records.rows.is_empty() {
        return String::new();
    }
    let mut columns = vec![Column {
        name: "time",
        cells: records.rows.iter().map(|row| row.time.to_string()).collect(),
        is_number: true,
    }];
    for (index, name) in records.keys.iter().enumerate() {
        let numbers = records.rows.iter().map(|row| row.values.get(index).copied().flatten());
        let cell = |number| match number {
            None => String::new(),
            Some(Number::Float(value)) => six_digits(value),
            Some(Number::Count(count)) => count.to_string(),
        };
        let is_number = numbers.clone().any(|number| number.is_some());
        columns.push(Column { name, cells: numbers.map(cell).collect(), is_number });
    }
    let columns: Vec<Vec<String>> = columns.into_iter().map(Column::laid_out).collect();
    let lines = (0..records.rows.len() + 2).map(|line| {
        let cells: Vec<&str> = columns.iter().map(|column| column[line].as_str()).collect();
        cells.join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

struct Column<'a> {
    name: &'a str,
    cells: Vec<String>,
    is_number: bool,
}

impl Column<'_> {
    /// The name, the line and the cells, all of one width.
    fn laid_out(mut self) -> Vec<String> {
        if self.is_number {
            let decimals = self.cells.iter().map(|cell| after_point(cell)).max().unwrap_or(0);
            for cell in &mut self.cells {
                let missing = decimals - after_point(cell);
                cell.extend(std::iter::repeat_n(' ', usize::try_from(missing).unwrap_or(0)));
            }
        }
        let width = |text: &str| text.chars().count();
        let widest = self.cells.iter().map(|cell| width(cell)).max().unwrap_or(0).max(width(self.name) + PADDING);
        let is_number = self.is_number;
        let aligned = |text: &str| if is_number { format!("{text:>widest$}") } else { format!("{text:<widest$}") };
        let head = [aligned(self.name), "-".repeat(widest)];
        head.into_iter().chain(self.cells.iter().map(|cell| aligned(cell))).collect()
    }
}

/// How many characters follow the point of a number, or its exponent's `e` where it has no point; −1 where neither.
fn after_point(number: &str) -> isize {
    let place = number.rfind('.').or_else(|| number.rfind('e'));
    place.map_or(-1, |place| (number.len() - place - 1) as isize)
}

#[cfg(test)]
mod tests {
    use super::super::records::Record;
    use super::*;

    // What tabulate 0.10 makes of the same rows.
    #[test]
    fn numbers_stand_below_each_other() {
        let keys = ["a/b/s", "count", "none", "c"].map(str::to_owned).to_vec();
        let row = |time, float: Option<f64>, count: u64, large: f64| Record {
            time,
            values: vec![float.map(Number::Float), Some(Number::Count(count)), None, Some(Number::Float(large))],
        };
        let rows = vec![
            row(5, Some(1.5), 3, 1e10),
            row(1_500_000_000_000_000_000, None, 12, -0.000_001_5),
            row(7, Some(2.0), 0, 123.456),
        ];
        let expected = include_str!("text_table.txt");
        assert_eq!(text_table(&Records { keys, rows }), expected.trim_end_matches('\n'));
        assert_eq!(text_table(&Records::default()), "");
    }
}
