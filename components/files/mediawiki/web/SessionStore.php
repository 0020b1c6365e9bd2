<?php
/**
 * Keeps sessions in the database. MediaWiki takes a session that it cannot read for one that has ended, and deletes its cookie:
 * users would be logged out by a short outage of the database. This class makes it an error, after which the session still exists.
 */
class SessionStore extends SqlBagOStuff {
	public function get( $key, $flags = 0 ) {
		$before = $this->watchErrors();
		$session = parent::get( $key, $flags );
		if ( $session === false && $this->getLastError( $before ) !== self::ERR_NONE ) {
			throw new Wikimedia\Rdbms\DBConnectionError( null, 'sessions cannot be read' );
		}
		return $session;
	}
}
