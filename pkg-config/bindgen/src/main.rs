//! `taskloom-bindgen IN.wasm OUT_DIR`: writes the wasm-bindgen glue of IN, the constants that the JavaScript side
//! shares with core, and the protocol's test vectors into `OUT_DIR`. `taskloom-bindgen --app IN.wasm OUT_DIR`: writes the glue of
//! an app, as `wasm-bindgen --target web` does.
//!
//! It stands in for the `wasm-bindgen` command line tool, which takes minutes to install where this takes
//! seconds, and its version can never differ from the one in Cargo.lock.

use std::{env, ffi::OsString, fmt::Write, fs, path::Path, process::ExitCode};

use taskloom::core::{
    memo, pool,
    pool::protocol::vectors::{Step, Value, vectors},
    schedule, shared, state,
    tasks::engine,
};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let written = match &arguments[..] {
        [app, input, out_dir] if app == "--app" => write_app(Path::new(input), Path::new(out_dir)),
        [input, out_dir] => write_package(Path::new(input), Path::new(out_dir)),
        _ => Err("usage: taskloom-bindgen [--app] IN.wasm OUT_DIR".to_owned()),
    };
    if let Err(message) = written {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn write_package(input: &Path, out_dir: &Path) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(input)
        .out_name("taskloom")
        .remove_producers_section(true)
        .remove_name_section(false)
        .omit_default_module_path(true)
        .typescript(true) // by which the calls of src/js are checked
        // `init({ restart: true })` after a panic needs a fresh instance behind the same exports.
        .reset_state_function(false);
    write_glue(&mut bindgen, out_dir)?;
    let constants = [
        &engine::wire::CONSTANTS[..],
        &memo::wire::CONSTANTS[..],
        &pool::wire::CONSTANTS[..],
        &schedule::wire::CONSTANTS[..],
        &shared::wire::CONSTANTS[..],
        &state::wire::CONSTANTS[..],
    ]
    .concat();
    let files = [("constants.js", module(&constants)), ("protocol-vectors.json", protocol_vectors())];
    for (name, content) in files {
        fs::write(out_dir.join(name), content)
            .map_err(|error| format!("{name} can't be written into {}: {error}", out_dir.display()))?;
    }
    Ok(())
}

fn write_app(input: &Path, out_dir: &Path) -> Result<(), String> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).typescript(false).omit_default_module_path(false); // as the command line tool does
    write_glue(&mut bindgen, out_dir)
}

fn write_glue(bindgen: &mut Bindgen, out_dir: &Path) -> Result<(), String> {
    let glue = bindgen.web(true).and_then(|bindgen| bindgen.generate(out_dir));
    glue.map_err(|error| format!("wasm-bindgen failed: {error:#}"))
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
