#include "formats.hpp"

#include "cameras/formats.hpp"
#include "gestures/gestures.hpp"
#include "shd/shd.hpp"
#include "spikes/spikes.hpp"

namespace synfire {

const std::vector<InputFormat>& input_formats() {
    static const std::vector<InputFormat> formats = {
        shd_format(),         atis_format(),        nmnist_format(), ncaltech101_format(),
        cifar10_dvs_format(), dvs_gesture_format(), ncars_format(),  event_folders_format(),
        gestures_format(),    spikes_format()};
    return formats;
}

}  // namespace synfire
