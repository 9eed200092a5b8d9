//! Writes all pictures, one after the other, into the file that it is given.

use std::{env, fs, io};

fn main() -> io::Result<()> {
    let path = env::args().nth(1).ok_or_else(|| io::Error::other("say which file to write the pictures to"))?;
    fs::write(path, (0..btrdb_pictures::COUNT).flat_map(btrdb_pictures::picture).collect::<Vec<_>>())
}
