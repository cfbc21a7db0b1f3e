/**
 * Where to zoom to. `width` is the width of the view in the complex plane (the whole set is about 3 wide),
 * `limit` the iterations after which a point counts as inside, `cycle` the iterations from a colour to
 * itself, and `grid` how many points a side are taken in each pixel for smooth edges.
 */
export const places = [
  { id: 'island', name: 'Island of spirals', re: -0.0452407411, im: 0.9868162204352258, width: 2.7e-9, limit: 6000, cycle: 200, grid: 4 },
  { id: 'seahorse', name: 'Seahorse valley', re: -0.743643887037151, im: 0.13182590420533, width: 4e-9, limit: 6000, cycle: 500, grid: 2 },
  { id: 'needle', name: 'On the needle', re: -1.768778833, im: -0.001738996, width: 6e-7, limit: 3000, cycle: 120, grid: 4 },
  { id: 'spiral', name: 'Double spiral', re: -0.77568377, im: 0.13646737, width: 4e-7, limit: 4000, cycle: 140, grid: 4 },
];
