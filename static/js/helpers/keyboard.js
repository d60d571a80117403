// An on-screen keyboard that covers the page instead of shrinking it (iOS) would cover the composer;
// the stylesheet lifts it by --keyboard.

export function liftAboveKeyboard(element, viewport = window.visualViewport) {
  if (!viewport) return;
  const lift = () => {
    const covered = Math.round(window.innerHeight - viewport.height - viewport.offsetTop);
    // Pinch zoom shrinks the visual viewport too, and that is no keyboard.
    const isKeyboard = viewport.scale === 1 && covered > 80;
    element.style.setProperty('--keyboard', isKeyboard ? `${covered}px` : '0px');
  };
  viewport.addEventListener('resize', lift);
  viewport.addEventListener('scroll', lift);
}
