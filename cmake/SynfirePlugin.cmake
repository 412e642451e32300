# synfire_add_plugin(name source...): one plugin library, with the flags that the interface asks for.
# Where no build type is given it is optimised. It is found by `synfire --plugin-dir` and SYNFIRE_PLUGIN_PATH wherever it is put.
function(synfire_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE synfire::sdk)
  target_compile_features(${name} PRIVATE cxx_std_20)
  # Contraction into fused operations would make results depend on the instruction set; errno and
  # floating-point exceptions would keep roots and selections from being vectorised.
  target_compile_options(${name} PRIVATE -ffp-contract=off -fno-math-errno -fno-trapping-math
                         $<$<CONFIG:>:-O3>)
  set_target_properties(${name} PROPERTIES
    PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()
