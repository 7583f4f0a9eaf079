//! What a Dockerfile template places. The commands come from the table of package managers.

use serde_json::{Value, json};

use crate::build::{PackageManager, Recipe, python_runtime, recipe};
use crate::spec::service::{Build, ProjectSpec, ServiceSpec};

pub(super) fn values(project: &ProjectSpec, service: &ServiceSpec) -> Value {
    let Some(build) = &service.build else {
        return Value::Null;
    };
    let recipe = recipe(build.package_manager);
    let mut values = json!({
        "tool": build.tool.as_str(),
        "tool_major": build.tool.as_str().split('.').next(),
        "locked": build.locked,
        "entry": build.entry.as_str(),
        "package": build.package.as_ref().map(|package| package.as_str()),
        "script": build.script.as_ref().map(|script| script.as_str()),
        "native": build.native,
        "source_first": build.source_first,
        "include": build.include.iter().map(|folder| folder.as_str()).collect::<Vec<_>>(),
        "user": service.user.get(),
        "port": service.port.map(|port| port.get()),
        "manifest_folder": below(service.path.as_str(), project.output.as_str()),
        "cache": recipe.cache,
        "environment": recipe.environment,
        "provide": recipe.provide.replace("VERSION", build.package_manager_version.as_str()),
        "install_command": if build.locked { recipe.install } else { recipe.install_unlocked },
        "run": recipe.run,
        "prune": recipe.prune,
        "manifests": if build.source_first { EVERYTHING.to_owned() } else { node_manifests(build, recipe) },
        "source_later": !build.source_first,
        "ignored": ignored(build),
    });
    let more = match build.toolchain.as_deref() {
        Some("rust") => json!({ "entrypoint": [format!("/app/{}", build.entry)] }),
        Some("go") => go(service, build),
        Some("node") => json!({ "cmd": [build.entry.as_str()] }),
        Some("python") => python(service, build, recipe),
        Some("java") => java(build),
        Some("static") => json!({ "site": build.output.as_ref().map_or("dist", |output| output.as_str()) }),
        _ => json!({}),
    };
    if let (Value::Object(values), Value::Object(more)) = (&mut values, more) {
        values.extend(more);
    }
    values
}

/// What is copied before installing where that needs more than manifests.
const EVERYTHING: &str = ".";

/// The manifest files that installing reads. A pattern that matches nothing is no error beside one that does.
fn node_manifests(build: &Build, recipe: &Recipe) -> String {
    let mut files = vec!["package.json".to_owned()];
    if build.locked && !recipe.lock_file.is_empty() {
        files.push(recipe.lock_file.to_owned());
    }
    files.extend(recipe.reads.iter().map(|file| format!("{file}*")));
    files.join(" ")
}

fn go(service: &ServiceSpec, build: &Build) -> Value {
    // `./cmd/podinfo` is podinfo; the module's root bears the service's name.
    let last = build.entry.as_str().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let binary = if last.is_empty() || last == "." { service.name.as_str() } else { last };
    // Without the dot Go would look for a package of its own library.
    let entry = build.entry.as_str();
    let entry = if entry.starts_with('.') { entry.to_owned() } else { format!("./{entry}") };
    json!({
        "entry": entry,
        "binary": binary,
        "entrypoint": [format!("/app/{binary}")],
        "runtime": if build.native { "gcr.io/distroless/cc-debian13:nonroot" } else { "gcr.io/distroless/static-debian13:nonroot" },
    })
}

fn python(service: &ServiceSpec, build: &Build, recipe: &Recipe) -> Value {
    let runtime = python_runtime(build.tool.as_str());
    let distroless = runtime.starts_with("gcr.io/distroless/");
    let provide = recipe.provide.replace("VERSION", build.package_manager_version.as_str());
    let uv = [
        "UV_COMPILE_BYTECODE=1",
        "UV_LINK_MODE=copy",
        "UV_PROJECT_ENVIRONMENT=/venv",
        "UV_PYTHON=/usr/local/bin/python",
        "UV_PYTHON_DOWNLOADS=never",
    ];
    let poetry = ["POETRY_VIRTUALENVS_CREATE=false", "VIRTUAL_ENV=/venv"];
    // What is locked is installed first, so that a change of the source does not install it again.
    let (env, manifests, mut dependencies, mut itself): (&[&str], &str, Vec<&str>, Vec<&str>) =
        match (build.package_manager, build.locked) {
            (PackageManager::Uv, true) => (
                &uv,
                "pyproject.toml uv.lock",
                vec![&provide, "uv sync --locked --no-dev --no-install-project"],
                vec!["uv sync --locked --no-dev --no-editable"],
            ),
            (PackageManager::Poetry, true) => (
                &poetry,
                "pyproject.toml poetry.lock",
                vec![&provide, "poetry install --only main --no-root --no-interaction"],
                vec![],
            ),
            (PackageManager::Pip, true) => {
                (&[], "requirements*.txt", vec!["/venv/bin/python -m pip install -r requirements.txt"], vec![])
            }
            _ => (&[], "", vec![], vec!["/venv/bin/python -m pip install ."]),
        };
    let packages: Vec<&str> = build.install.iter().map(|package| package.as_str()).collect();
    let more = format!("/venv/bin/python -m pip install {}", packages.join(" "));
    if !packages.is_empty() {
        if itself.is_empty() { dependencies.push(&more) } else { itself.push(&more) }
    }
    // pip brings the other package managers, so its downloads are kept beside theirs.
    let mut caches = vec!["/root/.cache/pip", recipe.cache];
    caches.dedup();
    let caches: Vec<String> = caches.iter().map(|cache| format!("--mount=type=cache,target={cache}")).collect();
    let command = |steps: Vec<&str>| (!steps.is_empty()).then(|| steps.join(" && \\\n    "));
    json!({
        "runtime": runtime,
        "distroless": distroless,
        "env": env,
        "caches": caches.join(" \\\n    "),
        "manifests": if build.source_first { EVERYTHING } else { manifests },
        "source_later": !itself.is_empty() && (dependencies.is_empty() || !build.source_first),
        "install_dependencies": command(dependencies),
        "install_itself": command(itself),
        "cmd": python_command(service, build),
    })
}

fn python_command(service: &ServiceSpec, build: &Build) -> Vec<String> {
    let port = service.port.map_or_else(|| "8000".to_owned(), |port| port.to_string());
    let entry = build.entry.to_string();
    let words: Vec<&str> = match build.script.as_ref().map(|script| script.as_str()) {
        Some("uvicorn-factory") => vec!["-m", "uvicorn", "--factory", &entry, "--host", "0.0.0.0", "--port", &port],
        Some("uvicorn") => vec!["-m", "uvicorn", &entry, "--host", "0.0.0.0", "--port", &port],
        // Workers prove that they live by touching a file; in memory that never waits for a disk.
        Some(server @ ("gunicorn" | "gunicorn-factory")) => {
            let bind = format!("0.0.0.0:{port}");
            let entry = if server == "gunicorn" { entry } else { format!("{entry}()") };
            return ["-m", "gunicorn", "--bind", &bind, "--worker-tmp-dir", "/dev/shm", &entry]
                .map(str::to_owned)
                .to_vec();
        }
        // A file of the app, or a command that installing has put beside the interpreter.
        _ if entry.ends_with(".py") || entry.starts_with('/') => vec![&entry],
        _ => vec!["-m", &entry],
    };
    words.into_iter().map(str::to_owned).collect()
}

fn java(build: &Build) -> Value {
    let tool = build.tool.as_str().split('.').next().unwrap_or_default();
    let wrapper = build.script.is_some();
    let gradle = build.package_manager == PackageManager::Gradle;
    let module = build.package.as_ref().map(|package| package.as_str());
    let build_command = match (gradle, wrapper, module) {
        (true, true, None) => "./gradlew --no-daemon bootJar".to_owned(),
        (true, true, Some(module)) => format!("./gradlew --no-daemon :{module}:bootJar"),
        (true, false, None) => "gradle --no-daemon bootJar".to_owned(),
        (true, false, Some(module)) => format!("gradle --no-daemon :{module}:bootJar"),
        (false, true, None) => "./mvnw -B -DskipTests package".to_owned(),
        (false, true, Some(module)) => format!("./mvnw -B -DskipTests --projects {module} --also-make package"),
        (false, false, None) => "mvn -B -DskipTests package".to_owned(),
        (false, false, Some(module)) => format!("mvn -B -DskipTests --projects {module} --also-make package"),
    };
    let folder = if gradle { "build/libs" } else { "target" };
    json!({
        "wrapper": wrapper,
        "builder": if gradle { format!("gradle:9-jdk{tool}") } else { format!("maven:3.9-eclipse-temurin-{tool}") },
        "build_command": build_command,
        "jars": module.map_or_else(|| folder.to_owned(), |module| format!("{module}/{folder}")),
    })
}

/// The manifests' folder as the build sees it, where it lies inside of what is built.
fn below<'a>(context: &str, folder: &'a str) -> Option<&'a str> {
    if context == "." { Some(folder) } else { folder.strip_prefix(context)?.strip_prefix('/') }
}

fn ignored(build: &Build) -> &'static [&'static str] {
    match build.toolchain.as_deref() {
        Some("rust") => &["target"],
        Some("node") => &["**/node_modules", "coverage", ".next", ".nuxt"],
        Some("static") if build.script.is_some() => &["**/node_modules", "coverage"],
        Some("static") => &["**/*.md"],
        Some("python") => {
            &["**/__pycache__", "**/*.pyc", ".venv", "venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox"]
        }
        Some("java") => &["target", "build", ".gradle"],
        _ => &[],
    }
}
