// What the camera of moving scenes sees: textured planes one before the other, the last of them
// everywhere, the others discs, boxes or diamonds, each with a motion of its own. A plane's motion
// is affine, so that the true displacement of each of its points is known exactly.
#pragma once

#include <cstdint>
#include <vector>

#include "scenes/texture.hpp"

namespace synfire::scenes {

struct Place {
    float x, y;
};

// Of a plane over a recording, whose moments are 0 at the beginning and 1 at the end: a point that
// begins at p is at c + A(s) (p - c) + s d at moment s, where A turns, zooms and shears.
class Motion {
  public:
    struct Strength {
        float shift;  // pixels at most
        float turn;   // radians at most, either way
        float zoom;   // of the logarithm of the scale
        float shear;
    };
    Motion(Place centre, const Strength& strength, Random& random);

    // Where a point that begins at p is at moment s, and whence one that is there has come.
    Place at(Place p, float s) const;
    Place origin(Place p, float s) const;

  private:
    struct Matrix {
        float xx, xy, yx, yy;
    };
    Matrix turned(float s) const;

    Place centre_, shift_;
    float turn_, zoom_, shear_;
};

class Scene {
  public:
    struct Settings {
        std::uint32_t rows, columns;
        std::uint32_t objects;  // in front of the background, at most
        float shift;            // pixels at most
    };
    // textures: two or more, which live on.
    Scene(const Settings& settings, const std::vector<Texture>& textures, Random& random);

    // The grey value of every pixel, row by row, at a moment.
    void paint(float moment, std::vector<float>& grey) const;
    // By pixel, row by row, along columns and rows: where what is there at moment 0 is at moment 1.
    // seen: 1 where that is on the sensor, and nothing is before it then, else 0.
    void true_flow(std::vector<float>& flow, std::vector<float>& seen) const;

  private:
    enum class Outline { everywhere, disc, box, diamond };
    struct Plane {
        Outline outline;
        Place centre;
        float size;
        Motion motion;
        const Texture* texture;
        Place corner;  // of its part of the texture
        // p: as it was at moment 0
        bool covers(Place p) const;
    };
    // The number of the plane in front at a place and moment.
    std::size_t front(Place p, float moment) const;

    std::uint32_t rows_, columns_;
    std::vector<Plane> planes_;  // the nearest first
};

}  // namespace synfire::scenes
