# cmake -DWEB=<web folder> -DOUTPUT=<file.cpp> -P EmbedWeb.cmake
#
# Writes the templates, the stylesheet and the script of web/ into a source file: shared/ reads no files.
file(GLOB templates LIST_DIRECTORIES false ${WEB}/templates/*.mustache)
file(GLOB styles LIST_DIRECTORIES false ${WEB}/styles/*.css)
list(SORT templates)
list(SORT styles)

set(entries "")
foreach(path IN LISTS templates)
  get_filename_component(name ${path} NAME_WE)
  file(READ ${path} text)
  # Indentation is for whoever reads the template, not for the network.
  string(REGEX REPLACE "\n[ \t]+" "\n" text "${text}")
  string(APPEND entries "    {\"${name}\", R\"ashlar(${text})ashlar\"},\n")
endforeach()

set(stylesheet "")
foreach(path IN LISTS styles)
  file(READ ${path} text)
  string(APPEND stylesheet "${text}")
endforeach()
string(REGEX REPLACE "/[*][^*]*[*]+([^/*][^*]*[*]+)*/" "" stylesheet "${stylesheet}")
string(REGEX REPLACE "[ \t\n]+" " " stylesheet "${stylesheet}")
string(REGEX REPLACE " ?([{};,]) ?" "\\1" stylesheet "${stylesheet}")
string(REGEX REPLACE ": " ":" stylesheet "${stylesheet}")
string(REPLACE ";}" "}" stylesheet "${stylesheet}")
string(STRIP "${stylesheet}" stylesheet)

file(READ ${WEB}/images/icon.svg icon)
string(STRIP "${icon}" icon)

file(READ ${WEB}/scripts/live.js script)
string(REGEX REPLACE "(^|\n)[ \t]*//[^\n]*" "\\1" script "${script}")
string(REGEX REPLACE "\n[ \t\n]+" "\n" script "${script}")
string(STRIP "${script}" script)

file(WRITE ${OUTPUT} "// Made by cmake/EmbedWeb.cmake from web/.
#include \"pages/embedded.h\"

namespace ashlar::pages {

namespace {

constexpr TemplateSource kTemplates[] = {
${entries}};

constexpr std::string_view kStylesheet = R\"ashlar(${stylesheet})ashlar\";

constexpr std::string_view kIcon = R\"ashlar(${icon})ashlar\";

constexpr std::string_view kScript = R\"ashlar(${script})ashlar\";

}  // namespace

std::span<const TemplateSource> embedded_templates() {
    return kTemplates;
}

std::string_view embedded_stylesheet() {
    return kStylesheet;
}

std::string_view embedded_icon() {
    return kIcon;
}

std::string_view embedded_script() {
    return kScript;
}

}  // namespace ashlar::pages
")
