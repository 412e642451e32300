#include "formats.hpp"

#include "atis/atis.hpp"
#include "gestures/gestures.hpp"
#include "shd/shd.hpp"
#include "spikes/spikes.hpp"

namespace synfire {

const std::vector<InputFormat>& input_formats() {
    static const std::vector<InputFormat> formats = {shd_format(), atis_format(), gestures_format(),
                                                     spikes_format()};
    return formats;
}

}  // namespace synfire
