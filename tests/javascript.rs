//! The JavaScript files that a Rust app gets with the crate, which no bundler has seen.

use std::{
    collections::BTreeSet,
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use taskloom::core::pool::protocol;

const PROTOCOL: &str = "src/js/worker/protocol.js";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// It can't be made when the crate is built: cargo has no place for a generated file that wasm-bindgen would find.
#[test]
fn the_constants_of_the_protocol_are_the_same_in_javascript() {
    let mut expected = String::from(
        "// The numbers of the protocol, from src/core/pool/protocol.rs: `TASKLOOM_BLESS=1 cargo test --test javascript` writes this file.\n\n",
    );
    for (name, value) in protocol::CONSTANTS {
        let _ = writeln!(expected, "export const {name} = {value};");
    }
    if env::var_os("TASKLOOM_BLESS").is_some() {
        fs::write(root().join(PROTOCOL), &expected).unwrap();
    }
    assert_eq!(
        read(PROTOCOL),
        expected,
        "TASKLOOM_BLESS=1 cargo test --test javascript brings {PROTOCOL} up to date"
    );
}

/// wasm-bindgen copies the files that are named in Rust, and follows no import.
#[test]
fn every_file_that_a_worker_imports_is_linked() {
    let linked = quoted(&read("src/platform/workers/snippets.rs"), "module = \"/");
    let mut seen = BTreeSet::new();
    let mut left =
        vec!["src/platform/workers/bootstrap.js".to_owned(), "src/platform/workers/page.js".to_owned()];
    while let Some(file) = left.pop() {
        let folder = Path::new(&file).parent().unwrap().to_owned();
        let text = read(&file);
        assert!(!text.contains("from '#"), "{file} imports what only a bundler finds");
        for import in quoted(&text.replace('\'', "\""), "from \"") {
            left.push(normal(&folder.join(import)));
        }
        seen.insert(file);
        left.retain(|file| !seen.contains(file));
    }
    assert_eq!(linked, seen);
}

/// What follows `before`, up to the next quotation mark.
fn quoted(text: &str, before: &str) -> BTreeSet<String> {
    text.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.iter().map(|part| part.to_str().unwrap()) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
