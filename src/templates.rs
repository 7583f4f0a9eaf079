//! The templates, compiled in, laid out as their output lands.

use include_dir::{Dir, include_dir};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The text of a template by its path below `templates/`, without `.j2`.
pub(crate) fn template(path: &str) -> Option<&'static str> {
    TEMPLATES.get_file(format!("{path}.j2"))?.contents_utf8()
}
