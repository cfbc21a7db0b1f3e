/** The rooms in the order of the navigation. A room is loaded when it is first visited. */
export const rooms = [
  { id: 'tasks', title: 'Tasks', load: () => import('./tasks/room.js') },
  { id: 'queue', title: 'Queue', load: () => import('./queue/room.js') },
  { id: 'workers', title: 'Workers', load: () => import('./workers/room.js') },
  { id: 'schedules', title: 'Schedules', load: () => import('./schedules/room.js') },
  { id: 'memo', title: 'Cache', load: () => import('./memo/room.js') },
  { id: 'state', title: 'State', load: () => import('./state/room.js') },
  { id: 'tabs', title: 'Tabs', load: () => import('./tabs/room.js') },
];
