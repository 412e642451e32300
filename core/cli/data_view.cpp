#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/note.hpp"
#include "base/output_file.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cli/data_actions.hpp"
#include "cli/output.hpp"
#include "pictures/lettering.hpp"
#include "recordings/containers.hpp"
#include "recordings/frames.hpp"
#include "recordings/summary.hpp"

namespace synfire::cli {
namespace {

constexpr std::uint32_t smallest_frame =
    128;  // pixels of its longer side; smaller ones are magnified
constexpr std::uint32_t frame_gap = 4;

// Throws InputError where the frames take more than about a gigabyte.
void require_moderate(const DataOptions& options, std::uint64_t columns, std::uint64_t rows,
                      std::uint64_t frames) {
    constexpr std::uint64_t most_pixels = std::uint64_t{1} << 27;
    if (columns * rows > most_pixels / frames)
        throw InputError(fmt::format(
            "{}: {} pictures of {} x {} pixels are more than can be drawn, {} pixels in all; fewer "
            "--frames are expected.",
            options.path, frames, columns, rows, most_pixels));
}

struct View {
    std::vector<EventCounts> frames;
    double frame_ms = 0;
    std::string what;
    bool spikes = false;     // counted, not events
    bool polarities = true;  // told apart; otherwise everything has the colour of ON
};

// The picture above a legend, which says what colours are and how many events the strongest ones
// stand for.
Picture with_legend(const Picture& picture, const View& view, std::uint32_t full) {
    constexpr std::uint32_t swatch = 7, least_columns = 144, margin = 4;
    Picture all(std::max(picture.columns, least_columns),
                picture.rows + 2 * letter_rows + 2 * margin, between_frames);
    for (std::uint32_t r = 0; r < picture.rows; ++r)
        for (std::uint32_t c = 0; c < picture.columns; ++c)
            all.at(c, r) = picture.pixels[std::size_t{r} * picture.columns + c];
    std::uint32_t column = margin;
    const std::uint32_t row = picture.rows + margin;
    auto entry = [&](std::uint8_t colour, std::string_view name) {
        for (std::uint32_t r = 0; r < swatch; ++r)
            for (std::uint32_t c = 0; c < swatch; ++c) all.at(column + c, row + r) = colour;
        draw_text(all, column + swatch + 3, row, name, lettering);
        column += swatch + 10 + letter_columns * static_cast<std::uint32_t>(name.size());
    };
    const char* const what = view.spikes ? "spike" : "event";
    if (view.polarities) {
        entry(strongest_on, "ON");
        entry(strongest_off, "OFF");
        entry(strongest_both, "both");
    } else {
        entry(strongest_on, what);
    }
    draw_text(all, margin, row + letter_rows,
              fmt::format("full at {} {}{}", full, what, full == 1 ? "" : "s"), lettering);
    return all;
}

// Stretches of equal length.
View view_of_time(const DataOptions& options, std::uint32_t frames) {
    const RecordingSummary summary = summarise(*open_recording(options.path, options.container));
    note_lost(options.path, summary, "shown");
    if (summary.events == 0)
        throw InputError(fmt::format("{}: the recording has no event to show.", options.path));
    const std::int64_t from = summary.earliest_us + options.from_ms * 1000;
    const std::int64_t to =
        options.to_ms < 0 ? summary.latest_us + 1 : summary.earliest_us + options.to_ms * 1000;
    if (from >= to || from > summary.latest_us)
        throw InputError(
            fmt::format("{}: nothing lies from {} ms to {}; the recording is {:.3f} ms long.",
                        options.path, options.from_ms,
                        options.to_ms < 0 ? "its end" : fmt::format("before {} ms", options.to_ms),
                        summary.seconds() * 1000));
    if (summary.outside > 0)
        note(fmt::format("note: {} events lie beyond the sensor and are not shown",
                         summary.outside));
    const bool sized = summary.info.columns > 0;
    const std::uint32_t columns = sized ? summary.info.columns : summary.max_x + 1;
    const std::uint32_t rows = sized ? summary.info.rows : summary.max_y + 1;
    require_moderate(options, columns, rows, frames);
    View view;
    view.frames = count_in_frames(*open_recording(options.path, options.container), columns, rows,
                                  from, to, frames);
    view.frame_ms = static_cast<double>(to - from) / 1000 / frames;
    view.what = fmt::format("{} pictures of {:.4g} ms", frames, view.frame_ms);
    return view;
}

// An experiment's ticks of the recording.
View view_of_ticks(const DataOptions& options) {
    if (options.from_ms != 0 || options.to_ms >= 0)
        throw InputError(
            "--from-ms and --to-ms choose a part of the recording itself; with --model, set "
            "/input/from_ms and /input/to_ms.");
    const NamedDataSet named = named_data_set(options, "");
    const nlohmann::json& input = *named.request.json;
    const std::uint32_t trial = std::max(1u, options.trial);
    if (trial > 1 && !named.set.trial)
        throw InputError(
            fmt::format("--trial is {}; {} makes one trial of a recording, so 1 is allowed.", trial,
                        named.set.name));
    const RecordingPlace place = named.set.trial ? named.set.trial(input, options.path, trial)
                                                 : RecordingPlace{options.path};
    const EventSet set = read_one(place, named.set.traits(input), named.request);
    if (options.frames > set.ticks)
        throw InputError(
            fmt::format("--frames is {}, and the experiment has {} ticks; at most so many frames "
                        "are allowed.",
                        options.frames, set.ticks));
    const MapShape shape = named.request.shape.value();
    View view;
    const std::uint32_t ticks = options.frames > 0 ? options.frames : set.ticks;
    require_moderate(options, shape.columns, shape.rows, ticks);
    view.frames.assign(ticks, EventCounts(shape.columns, shape.rows));
    for (const std::uint32_t key : set.recording(0)) {
        const std::uint32_t tick = key / set.units, unit = key % set.units;
        if (tick >= ticks) break;
        const std::size_t pixel = unit / shape.channels;
        const bool on = shape.channels == 1 || unit % shape.channels == 1;
        ++(on ? view.frames[tick].on : view.frames[tick].off)[pixel];
    }
    view.spikes = true;
    view.polarities = shape.channels == 2;
    view.frame_ms = named.request.dt_ms;
    view.what = fmt::format("{} of {} ticks of {:g} ms", ticks, set.ticks, view.frame_ms);
    return view;
}

std::string base64(std::string_view bytes) {
    static constexpr char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < left ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= left ? letters[bits >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

std::string html_text(std::string_view text) {
    std::string safe;
    for (const char c : printable(text)) {
        if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            safe += fmt::format("&#{};", static_cast<int>(c));
        else
            safe += c;
    }
    return safe;
}

std::string page(const std::string& path, const View& view, const std::vector<Picture>& pictures) {
    std::string images;
    for (const Picture& picture : pictures)
        images += fmt::format("\"{}\",", base64(png_of(picture, event_palette())));
    return fmt::format(
        R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{0}</title>
<style>body{{background:#222;color:#ddd;font:15px sans-serif;text-align:center}}
img{{image-rendering:pixelated;max-width:95vw;max-height:75vh}}input{{width:60vw}}
b.on{{color:#5aaaff}}b.off{{color:#ff8c38}}</style></head><body>
<h1>{0}</h1><p>{1}{7}</p>
<p><img id="frame" width="{2}" height="{3}" alt="events"></p>
<p><button id="play">pause</button> <input id="at" type="range" min="0" max="{4}" value="0">
<span id="time"></span></p>
<script>
const frames = [{5}], ms = {6};
const image = document.getElementById("frame"), at = document.getElementById("at");
const play = document.getElementById("play"), time = document.getElementById("time");
let timer = null;
function show() {{
  image.src = "data:image/png;base64," + frames[at.value];
  time.textContent = "from " + (at.value * ms).toFixed(1) + " ms";
}}
function step() {{ at.value = (Number(at.value) + 1) % frames.length; show(); }}
function run(on) {{
  clearInterval(timer);
  timer = on ? setInterval(step, 100) : null;
  play.textContent = on ? "pause" : "play";
}}
play.onclick = () => run(timer === null);
at.oninput = () => {{ run(false); show(); }};
show();
run(true);
</script></body></html>
)",
        html_text(path), html_text(view.what), pictures[0].columns, pictures[0].rows,
        pictures.size() - 1, images, view.frame_ms,
        view.polarities ? R"(, <b class="on">ON</b> and <b class="off">OFF</b>)" : "");
}

// About as wide as high.
std::uint32_t frames_across(const std::vector<Picture>& pictures) {
    const double n = static_cast<double>(pictures.size());
    const double across = std::sqrt(n * 1.5 * pictures[0].rows / std::max(1u, pictures[0].columns));
    return std::clamp(static_cast<std::uint32_t>(std::lround(across)), 1u,
                      static_cast<std::uint32_t>(pictures.size()));
}

}  // namespace

int data_view(const DataOptions& options) {
    const std::string ending = wanted_ending(options, {".png", ".gif", ".html"});
    require_place(options.out, "picture",
                  ending == ".png"   ? "\x89PNG"
                  : ending == ".gif" ? "GIF89a"
                                     : "<!DOCTYPE html>");
    const std::uint32_t usual = ending == ".png" ? 8 : 32;
    const View view = options.experiment.model.empty()
                          ? view_of_time(options, options.frames ? options.frames : usual)
                          : view_of_ticks(options);
    const std::uint32_t full = full_strength(view.frames);
    std::vector<Picture> pictures = pictures_of(view.frames, full);
    const std::uint32_t longer = std::max(pictures[0].columns, pictures[0].rows);
    const std::uint32_t factor = (smallest_frame + longer - 1) / longer;
    if (factor > 1 && ending != ".html")
        for (Picture& picture : pictures) picture = magnified(picture, factor);
    const std::uint32_t across = frames_across(pictures);
    const auto down = static_cast<std::uint32_t>((pictures.size() + across - 1) / across);
    const std::uint64_t columns =
        std::uint64_t{across} * (pictures[0].columns + frame_gap) + frame_gap;
    const std::uint64_t rows =
        std::uint64_t{down} * (pictures[0].rows + frame_gap) + 2 * (frame_gap + letter_rows) + 8;
    if (ending == ".png" && std::max(columns, rows) > largest_picture)
        throw InputError(fmt::format(
            "{} pictures side by side have {} x {} pixels; a side has {} at most, so fewer "
            "--frames are expected.",
            pictures.size(), columns, rows, largest_picture));
    if (ending == ".gif")
        for (Picture& picture : pictures) picture = with_legend(picture, view, full);
    const std::string bytes =
        ending == ".png"
            ? png_of(with_legend(side_by_side(pictures, across, frame_gap, between_frames), view,
                                 full),
                     event_palette())
        : ending == ".gif" ? gif_of(pictures, event_palette(), 10)
                           : page(options.path, view, pictures);
    replace_file(options.out, [&](const std::string& temporary) {
        OutputFile out(temporary);
        out.write(bytes);
        out.close();
    });
    std::uint64_t events = 0;
    for (const EventCounts& f : view.frames)
        for (const auto* counts : {&f.off, &f.on})
            for (const std::uint32_t n : *counts) events += n;
    if (options.json)
        print_json({{"path", options.path},
                    {"out", options.out},
                    {"frames", view.frames.size()},
                    {"frame_ms", view.frame_ms},
                    {"columns", view.frames[0].columns},
                    {"rows", view.frames[0].rows},
                    {"full_colour_at", full},
                    {"events", events}});
    else
        say("{}: {}, {} {}{}\n", printable(options.out), view.what, events,
            view.spikes ? "spikes" : "events", view.polarities ? ", blue ON, orange OFF" : "");
    return done;
}

}  // namespace synfire::cli
