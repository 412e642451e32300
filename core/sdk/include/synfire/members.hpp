// What a plugin author's class has by name has to be what the host will call: whether there is a
// member of a name, and what a member function takes. Of functions that are templates or
// overloaded, nothing can be said.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

// names_x<Model>: whether Model has a member x, of whatever type: then x is ambiguous beside
// another one. writes_x<Model>(first, last): whether what x takes first and last, so many each, are
// references through which a caller is answered; true where nothing can be said.
#define SYNFIRE_NAMES(member)                                                              \
    struct Named_##member {                                                                \
        int member;                                                                        \
    };                                                                                     \
    template <class Model>                                                                 \
    struct Beside_##member : Model, Named_##member {};                                     \
    template <class Model>                                                                 \
    constexpr bool names_##member = !requires {                                            \
        &Beside_##member<Model>::member;                                                   \
    };                                                                                     \
    template <class Model>                                                                 \
    constexpr bool writes_##member([[maybe_unused]] std::size_t first,                     \
                                   [[maybe_unused]] std::size_t last) {                    \
        if constexpr (requires { typename std::type_identity<decltype(&Model::member)>; }) \
            return writes<decltype(&Model::member)>(first, last);                          \
        else                                                                               \
            return true;                                                                   \
    }

namespace synfire::sdk::detail {

// Of a member function: what it takes.
template <class Function>
struct Arguments;
template <class Result, class Class, class... Types>
struct Arguments<Result (Class::*)(Types...)> {
    using List = std::tuple<Types...>;
    static constexpr std::size_t count = sizeof...(Types);
};
template <class Result, class Class, class... Types>
struct Arguments<Result (Class::*)(Types...) const> : Arguments<Result (Class::*)(Types...)> {};
template <class Result, class Class, class... Types>
struct Arguments<Result (Class::*)(Types...) noexcept> : Arguments<Result (Class::*)(Types...)> {};
template <class Result, class Class, class... Types>
struct Arguments<Result (Class::*)(Types...) const noexcept>
    : Arguments<Result (Class::*)(Types...)> {};

template <class Type>
constexpr bool is_written =
    std::is_lvalue_reference_v<Type> && !std::is_const_v<std::remove_reference_t<Type>>;

// Whether the first and the last so many are references through which a caller is answered.
template <class Function>
constexpr bool writes([[maybe_unused]] std::size_t first, [[maybe_unused]] std::size_t last) {
    using Of = Arguments<Function>;
    return []<class... Types>(std::size_t from, std::size_t to, std::tuple<Types...>*) {
        std::size_t k = 0;
        bool all = true;
        ((all = all && ((k >= from && k < to) || is_written<Types>), ++k), ...);
        return all;
    }(first, Of::count - last, static_cast<typename Of::List*>(nullptr));
}

}  // namespace synfire::sdk::detail
