//! Java: `pom.xml` or `build.gradle`, for Spring Boot.

use roxmltree::{Document, Node};

use super::facts::first_group;
use super::{Reading, Tree, given, name_from};

pub(super) fn read(tree: &Tree) -> Option<Reading> {
    let mut reading = maven(tree).or_else(|| gradle(tree))?;
    let mentions = |word: &str| {
        ["pom.xml", "build.gradle", "build.gradle.kts"]
            .iter()
            .find(|file| tree.text(file).is_some_and(|text| text.contains(word)))
    };
    let properties = ["properties", "yml", "yaml"].map(|ending| format!("src/main/resources/application.{ending}"));
    let setting = |flat: &str, nested: &str| {
        properties.iter().find_map(|file| {
            let text = tree.text(file)?;
            let value = first_group(flat, text).or_else(|| first_group(nested, text))?;
            Some((value, file.clone()))
        })
    };
    let management = setting(
        r"(?m)^management\.server\.port\s*=\s*(\d+)",
        r"(?m)^management:\s*\n(?:[ \t]+.*\n)*?[ \t]+server:\s*\n\s+port:\s*(\d+)",
    );
    let context =
        setting(r"(?m)^server\.servlet\.context-path\s*=\s*(/\S+)", r"(?m)^\s+context-path:\s*[\x22']?(/[^\s\x22']+)");
    if let Some(file) = mentions("spring-boot-starter-actuator") {
        // With a port of its own, management is outside the app's path.
        let prefix = match (&management, &context) {
            (Some(_), _) => "management:".to_owned(),
            (None, Some((path, _))) => path.trim_end_matches('/').to_owned(),
            (None, None) => String::new(),
        };
        if let Some((port, origin)) = &management {
            let port =
                crate::answers::raw::Raw::new(port.clone(), crate::answers::raw::Origin::Detected(origin.clone()));
            reading.service.ports.insert("management".to_owned(), port);
        }
        reading.service.health.ready = given(format!("{prefix}/actuator/health/readiness"), file);
        reading.service.health.live = given(format!("{prefix}/actuator/health/liveness"), file);
    } else if reading.dependencies.contains("spring-boot") {
        reading.notes.push(
            "without spring-boot-starter-actuator there is nothing to ask but the port; add it for real health checks"
                .to_owned(),
        );
    }
    Some(reading)
}

fn maven(tree: &Tree) -> Option<Reading> {
    let file = "pom.xml";
    let text = tree.text(file)?;
    let document = Document::parse(text).ok()?;
    let project = document.root_element();
    let child = |node: Node<'_, '_>, name: &str| -> Option<String> {
        node.children()
            .find(|child| child.has_tag_name_any(name))
            .and_then(|child| child.text())
            .map(|text| text.trim().to_owned())
    };
    let parent = project.children().find(|node| node.has_tag_name_any("parent"));
    let properties = project.children().find(|node| node.has_tag_name_any("properties"));
    let mut reading = Reading { manifest: file.to_owned(), ..Reading::default() };
    reading.name = child(project, "artifactId").and_then(|name| name_from(&name, file));
    reading.version = child(project, "version").or_else(|| child(parent?, "version"));
    let tool = ["java.version", "maven.compiler.release", "maven.compiler.target"]
        .iter()
        .find_map(|key| child(properties?, key))
        .and_then(|version| offered(&version));
    if let Some(tool) = tool {
        reading.service.build.tool = given(tool, file);
    }
    if text.contains("spring-boot") {
        reading.dependencies.insert("spring-boot".to_owned());
    }
    reading.service.build.package_manager = given("maven", file);
    if tree.has("mvnw") && tree.has(".mvn/wrapper/maven-wrapper.properties") {
        reading.service.build.script = given("mvnw", "mvnw");
    }
    Some(reading)
}

fn gradle(tree: &Tree) -> Option<Reading> {
    let file = ["build.gradle", "build.gradle.kts"].into_iter().find(|file| tree.has(file))?;
    let text = tree.text(file)?;
    let settings = ["settings.gradle", "settings.gradle.kts"].into_iter().find(|file| tree.has(file));
    let mut reading = Reading { manifest: file.to_owned(), ..Reading::default() };
    reading.name = settings.and_then(|settings| {
        let name = first_group(r#"rootProject\.name\s*=\s*["']([^"']+)["']"#, tree.text(settings)?)?;
        name_from(&name, settings)
    });
    reading.version = first_group(r#"(?m)^version\s*=\s*["']([^"']+)["']"#, text);
    let tool = first_group(r"JavaLanguageVersion\.of\((\d+)\)", text)
        .or_else(|| first_group(r#"sourceCompatibility\s*=\s*["']?(?:JavaVersion\.VERSION_)?(\d+)"#, text))
        .and_then(|version| offered(&version));
    if let Some(tool) = tool {
        reading.service.build.tool = given(tool, file);
    }
    if text.contains("org.springframework.boot") {
        reading.dependencies.insert("spring-boot".to_owned());
    }
    reading.service.build.package_manager = given("gradle", file);
    if tree.has("gradlew") && tree.has("gradle/wrapper/gradle-wrapper.properties") {
        reading.service.build.script = given("gradlew", "gradlew");
    }
    Some(reading)
}

/// The runtime images exist for the long-term versions; the next one runs what an older compiler wrote.
fn offered(version: &str) -> Option<&'static str> {
    let version = version.trim_start_matches("1.");
    match version.parse::<u32>().ok()? {
        0..=17 => Some("17"),
        18..=21 => Some("21"),
        _ => Some("25"),
    }
}

trait AnyNamespace {
    /// Whether the element has this name, in whatever namespace: POMs are written with and without one.
    fn has_tag_name_any(&self, name: &str) -> bool;
}

impl AnyNamespace for Node<'_, '_> {
    fn has_tag_name_any(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
