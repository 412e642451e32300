#include "formats.hpp"

#include "cameras/data_set.hpp"
#include "flow/dsec.hpp"
#include "flow/mvsec.hpp"
#include "gestures/gestures.hpp"
#include "scenes/moving_scenes.hpp"
#include "shd/shd.hpp"
#include "spikes/spikes.hpp"

namespace synfire {

const std::vector<InputFormat>& input_formats() {
    static const std::vector<InputFormat> formats = [] {
        std::vector<InputFormat> all = {shd_format()};
        for (const CameraDataSet& set : camera_data_sets()) all.push_back(as_format(set));
        all.push_back(gestures_format());
        all.push_back(moving_scenes_format());
        all.push_back(mvsec_format());
        all.push_back(dsec_format());
        all.push_back(spikes_format());
        return all;
    }();
    return formats;
}

}  // namespace synfire
