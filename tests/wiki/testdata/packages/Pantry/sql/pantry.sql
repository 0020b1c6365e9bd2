CREATE TABLE /*_*/pantry_jar (
  jar_id INT UNSIGNED AUTO_INCREMENT NOT NULL,
  jar_page INT UNSIGNED NOT NULL,
  PRIMARY KEY (jar_id)
) /*$wgDBTableOptions*/;
