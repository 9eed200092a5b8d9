//! A set as tables. `names` are what its streams are called, one for each; without them, collection and name.

use btrdb_client::{Dialect, TableOptions};
use wasm_bindgen::prelude::*;

use super::arguments;
use super::batches::Batches;
use super::control::Control;
use super::error::{JsResult, invalid};
use super::record::{record, strings};
use super::results;
use super::set::StreamSet;

impl StreamSet {
    /// What a table is made of, from what callers say.
    fn table_options(&self, agg: &[String], names: Option<Vec<String>>) -> JsResult<TableOptions> {
        arguments::table(agg, arguments::naming(self.uuid_list(), names))
    }
}

#[wasm_bindgen]
impl StreamSet {
    /// A column of times and those of the streams.
    #[wasm_bindgen(js_name = toColumns)]
    pub async fn to_columns(
        &self,
        agg: Vec<String>,
        names: Option<Vec<String>>,
        control: Control,
    ) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let options = self.table_options(&agg, names)?;
        control.run(set.to_columns(&options)).await.map(|table| results::table(&table))
    }

    /// The same as an IPC stream.
    #[wasm_bindgen(js_name = toArrowTable)]
    pub async fn to_arrow_table(
        &self,
        agg: Vec<String>,
        names: Option<Vec<String>>,
        control: Control,
    ) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let options = self.table_options(&agg, names)?;
        control.run(set.to_arrow_table(&options)).await.map(|ipc| results::bytes(&ipc))
    }

    /// Rows of numbers: their `keys`, and `batches` of them.
    pub async fn records(&self, agg: Vec<String>, names: Option<Vec<String>>, control: Control) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let options = self.table_options(&agg, names)?;
        let (keys, rows) = control.run(set.records(&options)).await?;
        let width = keys.len();
        let batches = Batches::of_many(rows, move |rows| results::records(&rows, width));
        Ok(record([("keys", strings(keys)), ("batches", batches.into())]))
    }

    /// The numbers of each stream without their times.
    #[wasm_bindgen(js_name = toArray)]
    pub async fn to_array(&self, agg: String, control: Control) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let aggregate = arguments::aggregate(&agg)?;
        control.run(set.to_array(aggregate)).await.map(|columns| results::arrays(&columns))
    }

    /// A series for each stream.
    #[wasm_bindgen(js_name = toSeries)]
    pub async fn to_series(&self, agg: String, names: Option<Vec<String>>, control: Control) -> JsResult<JsValue> {
        let set = self.under(&control)?;
        let aggregate = arguments::aggregate(&agg)?;
        let naming = arguments::naming(self.uuid_list(), names);
        control.run(set.to_series(aggregate, &naming)).await.map(|series| results::series(&series))
    }

    /// The lines of a CSV file, in batches of strings.
    #[wasm_bindgen(js_name = csvLines)]
    pub async fn csv_lines(
        &self,
        agg: Vec<String>,
        names: Option<Vec<String>>,
        delimiter: char,
        line_end: String,
        control: Control,
    ) -> JsResult<Batches> {
        let set = self.under(&control)?;
        let options = self.table_options(&agg, names)?;
        let line_end = match line_end.as_str() {
            "\r\n" => "\r\n",
            "\n" => "\n",
            other => {
                return Err(invalid(format!(
                    "lineEnd is a line feed, after a carriage return or not, but not {other:?}"
                )));
            }
        };
        let lines = control.run(set.csv_lines(&options, Dialect { delimiter, line_end })).await?;
        Ok(Batches::of_many(lines, strings))
    }

    /// All rows as plain text.
    #[wasm_bindgen(js_name = toTable)]
    pub async fn to_table(&self, agg: Vec<String>, names: Option<Vec<String>>, control: Control) -> JsResult<String> {
        let set = self.under(&control)?;
        let options = self.table_options(&agg, names)?;
        control.run(set.to_table(&options)).await
    }
}
