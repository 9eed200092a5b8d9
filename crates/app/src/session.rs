//! The connection: made when the page opens, lost and healed without anybody's help.

use std::sync::Arc;

use btrdb_client::{Descriptor, ErrorKind, Lookup, Options};
use btrdb_core::TimeRange;
use btrdb_explorer::{Catalog, CatalogEntry, FLIGHTS_HTTP1, FLIGHTS_HTTP2, LinkState, StreamId};
use btrdb_web::WebConnection;
use leptos::prelude::*;

use crate::browser::{self, Arrival, Store};
use crate::config::Config;
use crate::explorer::{Contact, Explorer, Listing, Phase};
use crate::probe;
use crate::status::is_out_of_reach;
use crate::view::SEARCH_ID;

const ENDPOINT_KEY: &str = "btrdb-endpoint";
const API_KEY_KEY: &str = "btrdb-api-key";
/// How long a server may take to say who it is, in milliseconds.
const CONNECT_MILLIS: f64 = 10_000.0;
/// When to look for a lost server again, in milliseconds after the last attempt; the last repeats.
const SEARCH_MILLIS: [f64; 5] = [1_000.0, 2_000.0, 4_000.0, 8_000.0, 15_000.0];

/// Where to connect and with which key, as the connect form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) endpoint: String,
    pub(crate) api_key: String,
}

impl Address {
    /// What was typed earlier in this tab, else what the configuration says.
    pub(crate) fn known(config: &Config) -> Self {
        Self {
            endpoint: Store::Session.get(ENDPOINT_KEY).unwrap_or_else(|| config.endpoint.clone()),
            api_key: Store::Session.get(API_KEY_KEY).unwrap_or_default(),
        }
    }

    /// Keeps it until the tab is closed; a key is never kept longer.
    fn remember(&self) {
        Store::Session.set(ENDPOINT_KEY, Some(&self.endpoint));
        Store::Session.set(API_KEY_KEY, Some(&self.api_key).filter(|key| !key.is_empty()).map(String::as_str));
    }
}

/// How a notice of a link that makes no sense begins.
const NO_LINK: &str = "The link could not be followed";
/// What every call's address has in it.
const SERVICE: &str = "/v5api.BTrDB/";

/// Reads the configuration and connects.
pub(crate) async fn begin(explorer: Explorer) {
    browser::on_arrival(move |arrival| learn(explorer, &arrival));
    // The browser knows of a cable that has been pulled before any call has failed.
    browser::on_window("offline", move |_: web_sys::Event| {
        if explorer.with(|machine| machine.connection.is_some()) {
            lost(explorer);
        }
    });
    browser::on_window("online", move |_: web_sys::Event| {
        if explorer.with(|machine| machine.lost) {
            search_now(explorer);
        }
    });
    match Config::load().await {
        Ok(config) => {
            let config = config.unwrap_or_default();
            let title = if config.title.is_empty() { "BTrDB explorer" } else { &config.title };
            browser::set_title(title);
            explorer.config.set(Arc::new(config));
        }
        Err(problem) => explorer.notice.set(Some(problem)),
    }
    connect(explorer, explorer.config.with_untracked(|config| Address::known(config)));
}

/// Connects to `address`, or says on the form why that failed. A connection that there is stays until there is another; an
/// attempt under way is given up.
pub(crate) fn connect(explorer: Explorer, address: Address) {
    let task = browser::start(attempt(explorer, address));
    explorer.with(|machine| machine.connecting = Some(task));
}

async fn attempt(explorer: Explorer, address: Address) {
    explorer.address.set(address.clone());
    explorer.refusal.set(None);
    let is_first = explorer.with(|machine| machine.connection.is_none());
    if is_first {
        explorer.phase.set(Phase::Connecting);
    }
    let key = Some(address.api_key.trim().to_owned()).filter(|key| !key.is_empty());
    // Half the bytes for a millisecond of unpacking: worth it on any line but that to this very machine.
    let options = Options { api_key: key, gzip: true, ..Options::default() };
    let outcome = browser::within(CONNECT_MILLIS, btrdb_web::connect_with(address.endpoint.trim(), options)).await;
    let refusal = match outcome {
        Some(Ok(connection)) => {
            address.remember();
            explorer.with(|machine| machine.change_server(connection));
            explorer.popover.set(None);
            explorer.contact.set(Contact::Held);
            explorer.phase.set(Phase::Connected);
            touched(explorer);
            let shown: Vec<_> = explorer.with(|machine| machine.streams());
            for id in shown {
                probe::retry(explorer, id);
            }
            follow_link(explorer);
            return list_again(explorer);
        }
        Some(Err(error)) => match error.kind() {
            ErrorKind::Unauthenticated if address.api_key.is_empty() => "This server asks for an API key.".to_owned(),
            ErrorKind::Unauthenticated => "The server does not accept this API key.".to_owned(),
            _ => format!("No connection: {}.", error.message().trim_end_matches('.')),
        },
        None => "No connection: the server does not answer.".to_owned(),
    };
    explorer.refusal.set(Some(refusal));
    if is_first {
        explorer.phase.set(Phase::Asking);
    }
}

/// An answer tells what calls take, and how many the browser has room for at a time.
fn learn(explorer: Explorer, arrival: &Arrival) {
    if arrival.url.contains(SERVICE) {
        explorer.with(|machine| {
            machine.meter.received(arrival.bytes);
            let shared = matches!(arrival.protocol.as_str(), "h2" | "h3");
            machine.flights.set_limit(if shared { FLIGHTS_HTTP2 } else { FLIGHTS_HTTP1 });
        });
    }
}

/// Shows what the address of the page says.
pub(crate) fn follow_link(explorer: Explorer) {
    // Of an earlier link.
    explorer.notice.update(|notice| *notice = notice.take().filter(|words| !words.starts_with(NO_LINK)));
    match LinkState::parse(&browser::fragment()) {
        Ok(link) if link != LinkState::default() => explorer.show(&link),
        Ok(_) => {}
        Err(error) => explorer.notice.set(Some(format!("{NO_LINK}: {error}."))),
    }
}

/// Fetches the list of streams, and shows the configured first view if there is nothing on screen.
async fn list_streams(explorer: Explorer, connection: WebConnection) {
    explorer.listing.set(Listing::Loading);
    match connection.streams_in_collection(&Lookup::prefix("")).await {
        Ok(streams) => {
            let entries = streams.iter().filter_map(|stream| Some(entry(&stream.known_descriptor()?))).collect();
            explorer.catalog.set(Arc::new(Catalog::new(entries)));
            explorer.listing.set(Listing::Ready);
            explorer.name_lanes();
            if explorer.with(|machine| machine.lanes.is_empty()) {
                first_view(explorer);
            }
        }
        Err(error) => {
            explorer.listing.set(Listing::Failed(error.message().to_owned()));
            if is_out_of_reach(&error) {
                is_gone(explorer).await;
            }
        }
    }
}

/// Fetches the list of streams once more.
pub(crate) fn list_again(explorer: Explorer) {
    if let Some(connection) = explorer.with(|machine| machine.connection.clone()) {
        let task = browser::start(list_streams(explorer, connection));
        explorer.with(|machine| machine.listing = Some(task));
    }
}

fn first_view(explorer: Explorer) {
    let (streams, view): (Vec<StreamId>, Option<TimeRange>) = explorer.config.with_untracked(|config| {
        let wanted = |catalog: &Arc<Catalog>| {
            let find = |path: &String| Some(catalog.find_path(path)?.id);
            config.view.streams.iter().filter_map(find).collect()
        };
        (explorer.catalog.with_untracked(wanted), config.view.range())
    });
    if !streams.is_empty() {
        explorer.show(&LinkState { streams, view, ..LinkState::default() });
    } else if !browser::media("(pointer: coarse)") {
        // Nothing to look at yet: the next thing to do is to find a stream.
        browser::before_next_paint(|| browser::focus(SEARCH_ID));
    }
}

fn entry(descriptor: &Descriptor) -> CatalogEntry {
    let tags = descriptor.tags.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "unit"));
    let mut detail = String::new();
    for (key, value) in tags.chain(&descriptor.annotations).filter(|(_, value)| !value.is_empty()) {
        detail.push_str(key);
        detail.push('=');
        detail.push_str(value);
        detail.push(' ');
    }
    CatalogEntry {
        id: StreamId(descriptor.uuid.as_u128()),
        collection: descriptor.collection.clone(),
        name: descriptor.name().to_owned(),
        unit: descriptor.unit().to_owned(),
        detail,
    }
}

/// The server has answered.
pub(crate) fn touched(explorer: Explorer) {
    explorer.with(|machine| machine.last_contact = browser::wall_clock());
}

/// The server is out of reach: says so, keeps what there is, and looks for it until it is back.
pub(crate) fn lost(explorer: Explorer) {
    let since = explorer.with(|machine| {
        if std::mem::replace(&mut machine.lost, true) {
            return None;
        }
        machine.abandon_requests();
        Some(machine.last_contact.clone())
    });
    let Some(since) = since else { return };
    explorer.contact.set(Contact::Lost(since));
    explorer.repaint();
    browser::start_detached(search(explorer));
}

/// Whether the server is out of reach, now that a call about one stream says so; if it is, that is said and a search begins.
pub(crate) async fn is_gone(explorer: Explorer) -> bool {
    let asked = explorer.with(|machine| Some((machine.connection.clone().filter(|_| !machine.lost)?, machine.server)));
    let Some((connection, server)) = asked else { return true };
    let is_gone = !answers(&connection).await;
    if is_gone && explorer.with(|machine| machine.server == server) {
        lost(explorer);
    }
    is_gone
}

async fn search(explorer: Explorer) {
    let server = explorer.with(|machine| machine.server);
    let pauses = SEARCH_MILLIS.iter().chain(std::iter::repeat(&SEARCH_MILLIS[SEARCH_MILLIS.len() - 1]));
    for &pause in pauses {
        browser::sleep(pause).await;
        if explorer.with(|machine| !machine.lost || machine.server != server) || look(explorer).await {
            return;
        }
    }
}

/// Looks for the lost server right now.
pub(crate) fn search_now(explorer: Explorer) {
    browser::start_detached(async move {
        look(explorer).await;
    });
}

/// Whether a server answers at all.
async fn answers(connection: &WebConnection) -> bool {
    match browser::within(CONNECT_MILLIS, connection.info()).await {
        Some(Ok(_)) => true,
        // A server that refuses the key is there as well; its streams say so one by one.
        Some(Err(error)) => !is_out_of_reach(&error),
        None => false,
    }
}

/// Whether the server answers; if so, everything goes on where it stopped.
async fn look(explorer: Explorer) -> bool {
    let asked = explorer.with(|machine| Some((machine.connection.clone()?, machine.server)));
    let Some((connection, server)) = asked else { return false };
    let back = answers(&connection).await && explorer.with(|machine| machine.server == server);
    if back && explorer.with(|machine| std::mem::replace(&mut machine.lost, false)) {
        touched(explorer);
        explorer.contact.set(Contact::Held);
        explorer.repaint();
        let incomplete: Vec<_> = explorer.with(|machine| {
            let lanes = machine.lanes.iter();
            lanes.filter(|lane| lane.life.is_none() || lane.problem.is_some()).map(|lane| lane.id).collect()
        });
        for id in incomplete {
            probe::retry(explorer, id);
        }
        if explorer.listing.with_untracked(|listing| *listing != Listing::Ready) {
            list_again(explorer);
        }
        probe::refresh(explorer).await;
    }
    back
}
