// What stands in web/, as it was when this was built (cmake/EmbedWeb.cmake writes the other half).
#pragma once

#include <span>

#include "pages/templates.h"

namespace ashlar::pages {

// Each web/templates/NAME.mustache under NAME, in order of names.
std::span<const TemplateSource> embedded_templates();

// All of web/styles/*.css, in order of names, as one stylesheet without comments.
std::string_view embedded_stylesheet();

// web/images/icon.svg.
std::string_view embedded_icon();

// web/scripts/live.js, without its comments.
std::string_view embedded_script();

}  // namespace ashlar::pages
