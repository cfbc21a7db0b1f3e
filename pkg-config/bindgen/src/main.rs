//! `taskloom-bindgen IN.wasm OUT_DIR`: writes the wasm-bindgen glue of IN, the constants that the JavaScript side
//! shares with core, and the protocol's test vectors into `OUT_DIR`.
//!
//! It stands in for the `wasm-bindgen` command line tool, which takes minutes to install where this takes
//! seconds, and its version can never differ from the one in Cargo.lock.

use std::{env, fmt::Write, fs, path::Path, process::ExitCode};

use taskloom::core::{
    engine, pool,
    protocol::{
        self,
        vectors::{Step, Value, vectors},
    },
};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (Some(input), Some(out_dir), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: taskloom-bindgen IN.wasm OUT_DIR");
        return ExitCode::from(2);
    };
    let out_dir = Path::new(&out_dir);
    let glue = Bindgen::new()
        .input_path(input)
        .out_name("taskloom")
        .typescript(false)
        .remove_producers_section(true)
        .remove_name_section(true)
        .omit_default_module_path(true)
        // `init({ restart: true })` after a panic needs a fresh instance behind the same exports.
        .reset_state_function(true)
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir));
    if let Err(error) = glue {
        eprintln!("wasm-bindgen failed: {error:#}");
        return ExitCode::FAILURE;
    }
    let files = [
        ("constants.js", module(&[&engine::wire::CONSTANTS[..], &pool::wire::CONSTANTS[..]].concat())),
        ("protocol.js", module(&protocol::CONSTANTS)),
        ("protocol-vectors.json", protocol_vectors()),
    ];
    for (name, content) in files {
        if let Err(error) = fs::write(out_dir.join(name), content) {
            eprintln!("{} can't be written: {error}", out_dir.join(name).display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn module(constants: &[(&str, i64)]) -> String {
    let mut module = String::from("// Generated from the constants in src/core.\n");
    for (name, value) in constants {
        let _ = writeln!(module, "export const {name} = {value};");
    }
    module
}

/// The conversations as JSON: `[{ name, steps: [{ send } | { expect }] }]`. What JSON lacks is an object with one key: `{ "$any": "what" }`
/// and `{ "$undefined": true }`.
fn protocol_vectors() -> String {
    let vectors = vectors().into_iter().map(|vector| {
        let steps = vector.steps.iter().map(|step| match step {
            Step::Send(value) => format!("{{\"send\":{}}}", json(value)),
            Step::Expect(value) => format!("{{\"expect\":{}}}", json(value)),
        });
        format!("{{\"name\":{},\"steps\":[\n  {}\n]}}", quoted(vector.name), joined(steps, ",\n  "))
    });
    format!("[{}]\n", joined(vectors, ",\n"))
}

fn json(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Undefined => "{\"$undefined\":true}".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::Text(text) => quoted(text),
        Value::List(values) => format!("[{}]", joined(values.iter().map(json), ",")),
        Value::Record(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}:{}", quoted(key), json(value)));
            format!("{{{}}}", joined(fields, ","))
        }
        Value::Any(what) => format!("{{\"$any\":{}}}", quoted(what)),
    }
}

fn joined(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}

/// The vectors' texts hold nothing that Rust and JSON escape differently.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}
