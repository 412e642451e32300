#include "scenes/scene.hpp"

#include <cmath>

namespace synfire::scenes {

Motion::Motion(Place centre, const Strength& strength, Random& random) : centre_(centre) {
    const float angle = random.uniform(0, 6.2831853f);
    const float length = strength.shift * std::sqrt(random.uniform());  // anywhere in the disc
    shift_ = {length * std::cos(angle), length * std::sin(angle)};
    turn_ = random.uniform(-strength.turn, strength.turn);
    zoom_ = random.uniform(-strength.zoom, strength.zoom);
    shear_ = random.uniform(-strength.shear, strength.shear);
}

Motion::Matrix Motion::turned(float s) const {
    const float scale = std::exp(s * zoom_), cosine = scale * std::cos(s * turn_),
                sine = scale * std::sin(s * turn_), shear = s * shear_;
    return {cosine, cosine * shear - sine, sine, sine * shear + cosine};
}

Place Motion::at(Place p, float s) const {
    const Matrix a = turned(s);
    const float x = p.x - centre_.x, y = p.y - centre_.y;
    return {centre_.x + a.xx * x + a.xy * y + s * shift_.x,
            centre_.y + a.yx * x + a.yy * y + s * shift_.y};
}

Place Motion::origin(Place p, float s) const {
    const Matrix a = turned(s);
    const float x = p.x - centre_.x - s * shift_.x, y = p.y - centre_.y - s * shift_.y;
    const float determinant = a.xx * a.yy - a.xy * a.yx;
    return {centre_.x + (a.yy * x - a.xy * y) / determinant,
            centre_.y + (a.xx * y - a.yx * x) / determinant};
}

Scene::Scene(const Settings& settings, const std::vector<Texture>& textures, Random& random)
    : rows_(settings.rows), columns_(settings.columns) {
    const auto width = static_cast<float>(columns_), height = static_cast<float>(rows_);
    const std::uint32_t objects = random.below(settings.objects + 1);
    const Motion::Strength strength{settings.shift, 0.15f, 0.1f, 0.08f};
    auto plane = [&](Outline outline, Place centre, float size) {
        const Motion motion(centre, strength, random);
        const Texture& texture =
            textures[random.below(static_cast<std::uint32_t>(textures.size()))];
        const float x = random.uniform(0, Texture::period), y = random.uniform(0, Texture::period);
        planes_.push_back({outline, centre, size, motion, &texture, {x, y}});
    };
    for (std::uint32_t k = 0; k < objects; ++k) {
        const auto outline = static_cast<Outline>(1 + random.below(3));
        const Place centre{random.uniform(0, width), random.uniform(0, height)};
        const float size = random.uniform(0.12f, 0.3f) * std::fmin(width, height);
        plane(outline, centre, size);
    }
    plane(Outline::everywhere, {width / 2, height / 2}, 0);
}

bool Scene::Plane::covers(Place p) const {
    const float x = std::fabs(p.x - centre.x), y = std::fabs(p.y - centre.y);
    switch (outline) {
        case Outline::everywhere:
            return true;
        case Outline::disc:
            return x * x + y * y <= size * size;
        case Outline::box:
            return std::fmax(x, y) <= size;
        case Outline::diamond:
            return x + y <= 1.3f * size;
    }
    return false;
}

std::size_t Scene::front(Place p, float moment) const {
    std::size_t k = 0;
    while (!planes_[k].covers(planes_[k].motion.origin(p, moment))) ++k;
    return k;
}

void Scene::paint(float moment, std::vector<float>& grey) const {
    grey.resize(std::size_t{rows_} * columns_);
    for (std::uint32_t r = 0; r < rows_; ++r)
        for (std::uint32_t c = 0; c < columns_; ++c) {
            const Place here{static_cast<float>(c), static_cast<float>(r)};
            const Plane& plane = planes_[front(here, moment)];
            const Place origin = plane.motion.origin(here, moment);
            grey[r * columns_ + c] =
                plane.texture->at(origin.x + plane.corner.x, origin.y + plane.corner.y);
        }
}

void Scene::true_flow(std::vector<float>& flow, std::vector<float>& seen) const {
    flow.resize(std::size_t{rows_} * columns_ * 2);
    seen.resize(std::size_t{rows_} * columns_);
    const auto width = static_cast<float>(columns_ - 1), height = static_cast<float>(rows_ - 1);
    for (std::uint32_t r = 0; r < rows_; ++r)
        for (std::uint32_t c = 0; c < columns_; ++c) {
            const Place here{static_cast<float>(c), static_cast<float>(r)};
            const std::size_t plane = front(here, 0), pixel = r * columns_ + c;
            const Place there = planes_[plane].motion.at(here, 1);
            flow[2 * pixel] = there.x - here.x;
            flow[2 * pixel + 1] = there.y - here.y;
            const bool on_sensor =
                there.x >= 0 && there.y >= 0 && there.x <= width && there.y <= height;
            seen[pixel] = on_sensor && front(there, 1) == plane ? 1.0f : 0.0f;
        }
}

}  // namespace synfire::scenes
