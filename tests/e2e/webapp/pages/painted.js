// Put into any page once it is loaded: two animation frames later its first picture is on screen.
requestAnimationFrame(() => requestAnimationFrame(() =>
    console.info('webapp ' + JSON.stringify({ event: 'painted' }))));
