//! A set as tables. `names` are what its streams are called, one for each; without them, collection and name.

use btrdb_client::{Dialect, Result, TableOptions};
use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::Control;
use super::error::invalid;
use super::record::{record, strings};
use super::results;
use super::set::StreamSet;

impl StreamSet {
    /// What a table is made of, from what callers say.
    fn table_options(&self, agg: Vec<String>, names: Option<Vec<String>>) -> Result<TableOptions> {
        arguments::table(agg, arguments::naming(self.uuid_list(), names))
    }
}

#[wasm_bindgen]
impl StreamSet {
    /// A column of times and those of the streams.
    #[wasm_bindgen(js_name = toColumns)]
    pub fn to_columns(&self, agg: Vec<String>, names: Option<Vec<String>>, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, options) = (self.under(calls), self.table_options(agg, names)?);
            Ok(async move { Ok(results::table(&set.to_columns(&options).await?)) })
        })
    }

    /// The same as an IPC stream.
    #[wasm_bindgen(js_name = toArrowTable)]
    pub fn to_arrow_table(&self, agg: Vec<String>, names: Option<Vec<String>>, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, options) = (self.under(calls), self.table_options(agg, names)?);
            Ok(async move { Ok(results::bytes(&set.to_arrow_table(&options).await?)) })
        })
    }

    /// Rows of numbers: their `keys`, and `batches` of them.
    pub fn records(&self, agg: Vec<String>, names: Option<Vec<String>>, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, options) = (self.under(calls), self.table_options(agg, names)?);
            Ok(async move {
                let (keys, rows) = set.records(&options).await?;
                let width = keys.len();
                let batches = Batches::of_many(rows, move |rows| results::records(&rows, width));
                Ok(record([("keys", strings(keys)), ("batches", batches.into())]))
            })
        })
    }

    /// The numbers of each stream without their times.
    #[wasm_bindgen(js_name = toArray)]
    pub fn to_array(&self, agg: &str, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, aggregate) = (self.under(calls), arguments::aggregate(agg)?);
            Ok(async move { Ok(results::arrays(&set.to_array(aggregate).await?)) })
        })
    }

    /// A series for each stream.
    #[wasm_bindgen(js_name = toSeries)]
    pub fn to_series(&self, agg: &str, names: Option<Vec<String>>, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, aggregate) = (self.under(calls), arguments::aggregate(agg)?);
            let naming = arguments::naming(self.uuid_list(), names);
            Ok(async move { Ok(results::series(&set.to_series(aggregate, &naming).await?)) })
        })
    }

    /// The lines of a CSV file, in batches of strings.
    #[wasm_bindgen(js_name = csvLines)]
    pub fn csv_lines(
        &self,
        agg: Vec<String>,
        names: Option<Vec<String>>,
        delimiter: char,
        line_end: &str,
        control: &Control,
    ) -> Promise {
        control.run(|calls| {
            let (set, options) = (self.under(calls), self.table_options(agg, names)?);
            let line_end = match line_end {
                "\r\n" => "\r\n",
                "\n" => "\n",
                other => {
                    return Err(invalid(format!(
                        "lineEnd is a line feed, after a carriage return or not, but not {other:?}"
                    )));
                }
            };
            Ok(async move {
                let lines = set.csv_lines(&options, Dialect { delimiter, line_end }).await?;
                Ok(Batches::of_many(lines, strings).into())
            })
        })
    }

    /// All rows as plain text.
    #[wasm_bindgen(js_name = toTable)]
    pub fn to_table(&self, agg: Vec<String>, names: Option<Vec<String>>, control: &Control) -> Promise {
        control.run(|calls| {
            let (set, options) = (self.under(calls), self.table_options(agg, names)?);
            Ok(async move { Ok(set.to_table(&options).await?.into()) })
        })
    }
}
