//! One IPC stream of the many that a call gives.

use arrow_ipc::MessageHeader;

use super::frames::{Frames, MARKER, Malformed};

/// The IPC stream of all record batches of `streams`, which are of one schema. Nothing is decoded; the batches stand in
/// memory as they came. `None` for no streams.
pub(crate) fn joined<S: AsRef<[u8]>>(streams: &[S]) -> Result<Option<Vec<u8>>, Malformed> {
    let mut all = Vec::with_capacity(streams.iter().map(|stream| stream.as_ref().len()).sum());
    let mut schema: Option<&[u8]> = None;
    for stream in streams {
        let mut frames = Frames(stream.as_ref());
        let first = frames.next()?.filter(|first| first.message.header_type() == MessageHeader::Schema);
        let first = first.ok_or(Malformed::Empty)?;
        match schema {
            None => {
                all.extend(first.bytes);
                schema = Some(first.bytes);
            }
            Some(schema) if schema == first.bytes => {}
            Some(_) => return Err(Malformed::OtherSchema),
        }
        while let Some(frame) = frames.next()? {
            if frame.message.header_type() != MessageHeader::RecordBatch {
                return Err(Malformed::OtherMessage);
            }
            all.extend(frame.bytes);
        }
        frames.finish()?;
    }
    all.extend(MARKER);
    all.extend(0_i32.to_le_bytes());
    Ok(schema.map(|_| all))
}
