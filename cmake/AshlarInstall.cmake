# cmake --install build [--prefix DIR]: the command, its documentation and the license.
include(GNUInstallDirs)
install(TARGETS ashlar git-remote-ashlar RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY schema DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.capnp"
  PATTERN "*.md")
