//! The files of the crate as it is published.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn packaged() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--quiet", "--package", "taskloom"])
        .current_dir(root())
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.replace('\\', "/")).collect()
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().expect("a folder of sources") {
        let path = entry.expect("a folder of sources").path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The values of `attribute = "/path"` in the sources.
fn named_in_sources(attribute: &str) -> BTreeSet<String> {
    let mut files = Vec::new();
    files_below(&root().join("src"), &mut files);
    let sources = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    let start = format!("{attribute} = \"/");
    let mut named = BTreeSet::new();
    for source in sources {
        let text = std::fs::read_to_string(source).expect("a source is text");
        let rests = text.split(&start).skip(1);
        named.extend(rests.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
    }
    named
}

#[test]
fn the_crate_has_sources_readme_and_licences_only() {
    for file in packaged() {
        let extension = Path::new(&file).extension().and_then(|extension| extension.to_str());
        let is_source = file.starts_with("src/") && matches!(extension, Some("rs" | "js"));
        let is_about =
            ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].contains(&file.as_str());
        let is_cargos =
            ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"].contains(&file.as_str());
        assert!(is_source || is_about || is_cargos, "{file} is no part of the crate");
    }
}

#[test]
fn each_file_that_wasm_bindgen_copies_is_in_the_crate() {
    let (packaged, copied) = (packaged(), named_in_sources("module"));
    assert!(copied.len() > 5, "{copied:?}");
    for file in copied {
        assert!(packaged.contains(&file), "{file} is missing in the list `include` of Cargo.toml");
    }
}

/// wasm-bindgen writes what it finds there into the package of every app that uses the crate.
#[test]
fn the_package_json_beside_the_crate_has_no_dependencies() {
    let text = std::fs::read_to_string(root().join("package.json")).expect("it is there");
    assert!(!text.contains("\"dependencies\""), "build tools belong in devDependencies");
}
